"""Who may do what with the topics: wanted, there, and made where it is missing."""

from collections.abc import Iterator
from typing import Any

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import SecurityDisabledError

from schemas.events.topics import inbound_topics
from services.bus.topics import Topics

_ANYTHING = ACLFilter(
    None,
    None,
    ACLOperation.ANY,
    ACLPermissionType.ANY,
    ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)


def wanted_acls(topics: Topics) -> list[ACL]:
    """A department writes its own topic, the service reads it; the service writes what it tells, readers read it.

    To write or read implies to describe.
    """
    return list(_wanted(topics))


def present_acls(admin: Any, topics: Topics) -> list[ACL] | None:
    """All that speaks of our topics and group, whoever made it; None where the brokers hold no ACLs at all."""
    try:
        found, _ = admin.describe_acls(_ANYTHING)
    except SecurityDisabledError:
        return None
    return [acl for acl in found if _speaks_of_ours(acl, topics)]


def sentence(acl: ACL) -> str:
    """An ACL as an operator reads it."""
    pattern = acl.resource_pattern
    prefixed = "*" if pattern.pattern_type is ACLResourcePatternType.PREFIXED else ""
    place = f"{pattern.resource_type.name} {pattern.resource_name}{prefixed}"
    return f"{acl.permission_type.name} {acl.principal} {acl.operation.name} {place}"


def _wanted(topics: Topics) -> Iterator[ACL]:
    inbound = inbound_topics()
    for topic in topics.topic:
        ours = ACLOperation.READ if topic.name in inbound else ACLOperation.WRITE
        yield _allow(topics.service, ours, ResourceType.TOPIC, topic.name)
        for principal in topic.writers:
            yield _allow(principal, ACLOperation.WRITE, ResourceType.TOPIC, topic.name)
        for principal in topic.readers:
            yield _allow(principal, ACLOperation.READ, ResourceType.TOPIC, topic.name)
    yield _allow(topics.service, ACLOperation.READ, ResourceType.GROUP, topics.group)


def _allow(principal: str, operation: ACLOperation, kind: ResourceType, name: str) -> ACL:
    return ACL(principal, "*", operation, ACLPermissionType.ALLOW, ResourcePattern(kind, name))


def _speaks_of_ours(acl: ACL, topics: Topics) -> bool:
    """Whether an ACL holds for a topic of ours or our group: by its name, its beginning, or for all."""
    pattern = acl.resource_pattern
    ours = {
        ResourceType.TOPIC: [topic.name for topic in topics.topic],
        ResourceType.GROUP: [topics.group],
    }.get(pattern.resource_type, [])
    if pattern.pattern_type is ACLResourcePatternType.PREFIXED:
        return any(name.startswith(pattern.resource_name) for name in ours)
    return bool(ours) and (pattern.resource_name == "*" or pattern.resource_name in ours)
