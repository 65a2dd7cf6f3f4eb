"""What unmodified clients demand of the answers of contract.md 3.6 to 3.12, written from its text alone."""

import re
from collections.abc import Iterator
from typing import Any

from tests.contract import SENT_USER, array, count, flag, if_there, mapping, members, one_of, or_null, text, timestamp

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)


def number(value: Any, at: str) -> Iterator[str]:
    """A number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield f"{at} is no number: {value!r}"


def from_one(value: Any, at: str) -> Iterator[str]:
    """A whole number from 1 on."""
    yield from count(value, at)
    if value == 0:
        yield f"{at} is 0"


def percentage(value: Any, at: str) -> Iterator[str]:
    """A whole number from 0 to 100."""
    yield from count(value, at)
    if isinstance(value, int) and value > 100:
        yield f"{at} is more than 100: {value!r}"


def uuid(value: Any, at: str) -> Iterator[str]:
    """A UUID of a version from 1 to 8."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        yield f"{at} is no UUID: {value!r}"


def scalars(value: Any, at: str) -> Iterator[str]:
    """An object of numbers, texts, booleans and nulls."""
    yield from mapping(value, at)
    for name, inner in value.items() if isinstance(value, dict) else ():
        if not isinstance(inner, int | float | str | None):
            yield f"{at}.{name} is no scalar: {inner!r}"


# 3.6
SETTINGS = members({"description": or_null(text)})
STEPS = [
    "hasStorage", "hasDraftDataMart", "hasPublishedDataMart", "hasDestination", "hasReport", "hasReportRun",
    "hasTeammatesInvited", "hasGoogleSheetsDestination", "hasGoogleSheetsExtension", "hasGoogleSheetsReportRun",
]  # fmt: skip
STEP = members({"done": flag, "completedAt": or_null(text)})


def steps(value: Any, at: str) -> Iterator[str]:
    """All ten steps; more of them have the same shape."""
    every = dict.fromkeys([*STEPS, *(value if isinstance(value, dict) else ())], STEP)
    yield from members(every)(value, at)


SETUP_PROGRESS = members({"version": from_one, "stepsSchemaVersion": from_one, "progress": percentage, "steps": steps})

# 3.7
HITS = array(
    members(
        {
            "entityType": one_of({"DATA_MART", "DATA_STORAGE", "DATA_DESTINATION"}),
            "entityId": text,
            "title": text,
            "description": or_null(text),
            "finalScore": number,
            "kwScore": number,
            "vecScore": or_null(number),
        }
    )
)

# 3.8
RUN_TYPES = {
    "CONNECTOR", "GOOGLE_SHEETS_EXPORT", "LOOKER_STUDIO", "EMAIL", "SLACK", "MS_TEAMS", "GOOGLE_CHAT", "INSIGHT",
    "INSIGHT_TEMPLATE", "AI_ASSISTANT", "HTTP_DATA", "MCP_QUERY", "DATA_QUALITY",
}  # fmt: skip
_QUALITY = members(
    {
        "state": one_of({"NEVER_RUN", "QUEUED", "RUNNING", "PASSED", "ISSUES", "EXECUTION_FAILED", "RESTRICTED",
                         "CANCELLED", "ALL_DISABLED"}),
        **dict.fromkeys(
            ["enabledChecks", "totalChecks", "passedChecks", "failedChecks", "notApplicableChecks", "errorChecks",
             "noticeFindings", "warningFindings", "errorFindings", "violationCount"],
            count,
        ),
        "highestSeverity": or_null(one_of({"notice", "warning", "error"})),
        "dataMartRunId": or_null(text),
        "lastRunAt": or_null(timestamp),
    }
)  # fmt: skip
_RUN = {
    "id": text,
    "status": one_of({"PENDING", "RUNNING", "SUCCESS", "FAILED", "CANCELLED", "INTERRUPTED", "RESTRICTED"}),
    "type": one_of(RUN_TYPES),
    "runType": one_of({"manual", "scheduled"}),
    "dataMartId": text,
    "definitionRun": or_null(mapping),
    "reportId": or_null(text),
    "reportDefinition": or_null(mapping),
    "insightId": or_null(text),
    "insightDefinition": or_null(mapping),
    "insightTemplateId": or_null(text),
    "insightTemplateDefinition": or_null(mapping),
    "aiSourceDefinition": or_null(mapping),
    "logs": or_null(array(text)),
    "errors": or_null(array(text)),
    "createdAt": timestamp,
    "startedAt": or_null(timestamp),
    "finishedAt": or_null(timestamp),
    "createdByUser": or_null(SENT_USER),
    "additionalParams": or_null(mapping),
    "totals": or_null(scalars),
    "qualitySummary": if_there(or_null(_QUALITY)),
}
NAMED = members({"id": text, "title": text})
MART_RUNS = members({"runs": array(members(_RUN))})
PROJECT_RUNS = members({"runs": array(members(_RUN | {"dataMart": NAMED}))})
RUN = members(_RUN | {"dataQuality": if_there(or_null(mapping))})

# 3.9
TEMPLATES = members(
    {
        "insights": array(
            members(
                {
                    "id": text,
                    "title": text,
                    "sourcesCount": count,
                    "lastRenderedTemplateUpdatedAt": or_null(text),
                    "createdById": text,
                    "createdAt": text,
                    "modifiedAt": text,
                    "createdByUser": if_there(or_null(SENT_USER)),
                    "dataMart": NAMED,
                    "canDelete": flag,
                }
            )
        )
    }
)

# 3.10
CANVAS_PAGE = members(
    {
        "items": array(
            members(
                {
                    "id": text,
                    "title": text,
                    "status": one_of({"DRAFT", "PUBLISHED"}),
                    "description": or_null(text),
                    "fieldCount": number,
                }
            )
        ),
        "total": number,
        "nextOffset": or_null(number),
    }
)
EDGES = members(
    {
        "edges": array(
            members(
                {
                    "id": text,
                    "sourceDataMartId": text,
                    "targetDataMartId": text,
                    "joinConditions": array(members({"sourceFieldName": text, "targetFieldName": text})),
                }
            )
        )
    }
)

# 3.12
PUBLICATIONS = array(
    members(
        {
            "publicationId": text,
            "pluginId": text,
            "repository": text,
            "scope": one_of({"deployment", "project", "member"}),
            "isActive": flag,
            "allProjects": flag,
            "audienceProjectIds": array(text),
            "currentSemver": or_null(text),
            "diagnostics": mapping,
        }
    )
)

# 2.5. What any refusal has, and what a client reads of it where it is there.
REFUSAL = members(
    {
        "statusCode": from_one,
        "message": text,
        "timestamp": timestamp,
        "path": text,
        "error": if_there(text),
        "code": if_there(text),
        "errorDetails": if_there(mapping),
        "details": if_there(mapping),
        "requestId": if_there(text),
    }
)
