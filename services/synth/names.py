"""Names of people who do not exist, from public lists of surnames and given names."""

from dataclasses import dataclass

import jaconv
import numpy as np
import polars as pl
from japanese_personal_name_dataset import load_dataset
from japanese_personal_name_dataset.core import NameDict

from services.synth.chance import Bools, Ints

SURNAMES = 1200  # the most frequent ones

# How families really write their name, and the share that does. All of it is in CP932, some only in its vendor rows.
WRITTEN_OTHERWISE = (
    ("高橋", "髙橋", 0.25),
    ("高", "髙", 0.10),
    ("崎", "﨑", 0.20),
    ("渡辺", "渡邊", 0.20),
    ("渡辺", "渡邉", 0.20),
    ("斎藤", "齋藤", 0.30),
    ("斉藤", "齊藤", 0.20),
    ("浜", "濵", 0.15),
    ("徳", "德", 0.10),
)
FAMILY_OF_COUNTRY = {
    "VNM": (("NGUYEN", "グエン"), ("TRAN", "チャン"), ("LE", "レ"), ("PHAM", "ファム")),
    "PHL": (("SANTOS", "サントス"), ("REYES", "レイエス"), ("CRUZ", "クルス")),
    "BRA": (("SILVA", "シルバ"), ("SOUZA", "ソウザ"), ("OLIVEIRA", "オリベイラ")),
    "NPL": (("GURUNG", "グルン"), ("SHRESTHA", "シュレスタ"), ("TAMANG", "タマン")),
    "CHN": (("WANG", "ワン"), ("LI", "リー"), ("ZHANG", "チャン"), ("CHEN", "チェン")),
}
KANJI_OF_CHINESE = {"WANG": "王", "LI": "李", "ZHANG": "張", "CHEN": "陳"}
GIVEN_ABROAD = (
    ("AN", "アン", "安"),
    ("MINH", "ミン", "明"),
    ("MARIA", "マリア", "麗"),
    ("LUCAS", "ルーカス", "陸"),
    ("SITA", "シタ", "思"),
    ("RAM", "ラム", "嵐"),
    ("YUE", "ユエ", "月"),
    ("JUN", "ジュン", "軍"),
    ("HOA", "ホア", "花"),
    ("ANGELO", "アンジェロ", "安"),
)


@dataclass(frozen=True)
class Names:
    """Written form and reading (katakana) of each name, as columns to take from by index."""

    surname: pl.Series
    surname_kana: pl.Series
    surname_weight: np.ndarray[tuple[int], np.dtype[np.float64]]
    boy: pl.Series
    boy_kana: pl.Series
    girl: pl.Series
    girl_kana: pl.Series


def in_cp932(text: str) -> bool:
    """Whether a vendor's CP932 file can hold the text."""
    try:
        return bool(text.encode("cp932"))
    except UnicodeEncodeError:
        return False


def load_names() -> Names:
    """The lists, in the order of their files."""
    boys, girls, last = load_dataset("opti", include_last_names=True)
    surnames = [(name, entry) for name, entry in list(last.items())[:SURNAMES] if in_cp932(name)]
    boy, boy_kana = _spellings(boys)
    girl, girl_kana = _spellings(girls)
    weight = np.array([entry["count"] for _, entry in surnames], dtype=np.float64)
    return Names(
        surname=pl.Series([name for name, _ in surnames]),
        surname_kana=pl.Series([jaconv.hira2kata(entry["reading"]) for _, entry in surnames]),
        surname_weight=weight / weight.sum(),
        boy=boy,
        boy_kana=boy_kana,
        girl=girl,
        girl_kana=girl_kana,
    )


def _spellings(given: NameDict) -> tuple[pl.Series, pl.Series]:
    """Up to twelve short spellings of each reading, so that no reading crowds out the others."""
    written, kana = [], []
    for reading, entry in given.items():
        spellings = [s for s in entry["kanji"] if len(s) <= 3 and in_cp932(s)][:12]
        written += spellings
        kana += [jaconv.hira2kata(reading)] * len(spellings)
    return pl.Series(written), pl.Series(kana)


def draw_surnames(rng: np.random.Generator, names: Names, n: int) -> tuple[pl.Series, pl.Series]:
    """`n` surnames by frequency, some written with a variant character, and their readings."""
    index = rng.choice(len(names.surname), n, p=names.surname_weight)
    written = names.surname.gather(index)
    for usual, variant, share in WRITTEN_OTHERWISE:
        chosen = written.str.contains(usual, literal=True) & pl.Series(rng.random(n) < share)
        written = written.str.replace(usual, variant, literal=True).zip_with(chosen, written)
    return written, names.surname_kana.gather(index)


def draw_given(rng: np.random.Generator, names: Names, male: Bools) -> tuple[pl.Series, pl.Series]:
    """A given name and its reading for each person."""
    boy = rng.integers(0, len(names.boy), len(male))
    girl = rng.integers(0, len(names.girl), len(male))
    drawn = pl.DataFrame(
        {
            "male": male,
            "boy": names.boy.gather(boy),
            "boy_kana": names.boy_kana.gather(boy),
            "girl": names.girl.gather(girl),
            "girl_kana": names.girl_kana.gather(girl),
        }
    ).select(
        written=pl.when("male").then("boy").otherwise("girl"),
        kana=pl.when("male").then("boy_kana").otherwise("girl_kana"),
    )
    return drawn["written"], drawn["kana"]


def families_abroad() -> pl.DataFrame:
    """Foreign family names: country, alphabet, katakana, and kanji where the country writes them."""
    rows = [
        (country, alpha, kana, KANJI_OF_CHINESE.get(alpha) if country == "CHN" else None)
        for country, names in FAMILY_OF_COUNTRY.items()
        for alpha, kana in names
    ]
    return pl.DataFrame(rows, schema=["country", "alpha", "kana", "kanji"], orient="row")


def given_abroad(index: Ints) -> pl.DataFrame:
    """Foreign given names by index into the list: alphabet, katakana, kanji."""
    table = pl.DataFrame(GIVEN_ABROAD, schema=["given_alpha", "given_abroad_kana", "given_abroad_kanji"], orient="row")
    return table[index % len(GIVEN_ABROAD)]
