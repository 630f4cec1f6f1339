-- title: What was loaded and what is missing
-- question: Which sources does the case hold, what of each could not be read, and which stretches of time does it cover?
-- why: What a case cannot show must be known before anything is concluded from it.
-- innocent: Rejected lines are often headers of other programs or a format's odd corners; look at them: workbench rejects.
SELECT source, regexp_extract(path, '[^/]+$') AS file, lines, event_lines, rejects, skipped,
    round(100.0 * rejects / greatest(lines, 1), 2) AS reject_percent, format, first AS first_event, last AS last_event,
    error, warnings, path
FROM source
ORDER BY source;
