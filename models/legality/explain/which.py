"""Which profile decides: by the body that holds the data and the day of the act. A profile that is named tells the city."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from models.legality.explain.answer import Failed
from models.legality.profile import Profile
from schemas.records.explain import ExplainRequest


@dataclass(frozen=True)
class Chosen:
    """The profile that decides, or None with what stands in the way; a profile may be told although it is refused."""

    profile: Profile | None
    failed: tuple[Failed, ...] = ()


def choose(request: ExplainRequest, profiles: Mapping[str, Profile]) -> Chosen:
    """The profile that decides this request."""
    body = request.parties.holder_body
    if request.profile is None:
        return _by_body(body, request.date, profiles)
    named = profiles.get(request.profile)
    if named is None:
        return Chosen(None, (_unknown(f"条文未収録: 法令プロファイル「{request.profile}」はありません"),))
    after = profiles.get(named.succeeded_by or "")
    if after is not None and _claims(request, after):
        named = after
    if body is not None and not _governs(named, body):
        others = [profile for profile in profiles.values() if _governs(profile, body) or _is_like(profile, body)]
        unknown = _unknown(f"「{body}」は法令プロファイル「{named.id}」の機関ではありません")
        return Chosen(named, (_other(body, named, others) if others else unknown,))
    return Chosen(named)


def _by_body(body: str | None, day: date | None, profiles: Mapping[str, Profile]) -> Chosen:
    if body is None:
        return Chosen(None, (_unknown("保有する機関が示されず、どの条例・法律によるかが決まりません"),))
    governing = [profile for profile in profiles.values() if _governs(profile, body)]
    found = [profile for profile in governing if day is not None and profile.covers(day)] or governing
    own = [profile for profile in found if profile.city is not None and _of_city(profile, body)] or found
    if len(own) == 1:
        return Chosen(own[0])
    text = f"「{body}」の保有する情報にどの条例・法律が適用されるかが決まりません（条文未収録か、市の名が要ります）"
    return Chosen(None, (_unknown(text),))


def _names(profile: Profile, body: str) -> Iterator[str]:
    """How the profile's city calls one of its bodies: 千葉市長, 千葉市教育委員会."""
    if profile.city is not None:
        yield profile.city + body
        yield profile.city.removesuffix("市") + body


def _of_city(profile: Profile, body: str) -> bool:
    return any(body in _names(profile, name) for name in profile.bodies)


def _governs(profile: Profile, body: str) -> bool:
    """Whether the body's data is under this profile: it is named without a city, or with the profile's own."""
    if profile.city is None:
        return _is_like(profile, body)
    return body in profile.bodies or _of_city(profile, body)


def _is_like(profile: Profile, body: str) -> bool:
    """Whether it is such a body, of whatever city."""
    return any(body.endswith(name) for name in profile.bodies)


def _claims(request: ExplainRequest, profile: Profile) -> bool:
    """Whether the request rests on a clause of the profile that took the named one's place."""
    claimed = request.extra.clause_claimed
    return any(claimed in (clause.id, clause.reported) for clause in profile.clauses)


def _unknown(text: str) -> Failed:
    return Failed(
        "PROFILE_UNKNOWN", text, "保有する機関を市の名とともに示すか、その市の条文を法令プロファイルに収録してください"
    )


def _other(body: str, named: Profile, others: list[Profile]) -> Failed:
    own = [profile for profile in others if _of_city(profile, body)] or others
    titles = "、".join(f"「{profile.id}」" for profile in own)
    return Failed(
        "PROFILE_OTHER",
        f"「{body}」の保有する情報に「{named.title}」は適用されません",
        f"この機関の情報は、行為の日に応じて{titles}によります",
    )
