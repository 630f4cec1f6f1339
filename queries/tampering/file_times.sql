-- title: Files whose times do not fit their content
-- question: Which files were last changed before their last event, or long after it, or hold events from after they were loaded?
-- why: A log file is last written when its last event happens. One that was changed later may have been edited; one older than its content was dated wrongly.
-- innocent: Copying, downloading or compressing gives a file a new time; an archive keeps the time of packing.
-- innocent: A time zone taken wrong at loading moves all events by a whole number of hours: see whole_hours.
-- chart: bar x=file y=hours_after
SET VARIABLE min_hours = 1;  -- number: a file may be changed by so much after its last event (buffers, rotation) or, for a slow clock, before it

SELECT regexp_extract(path, '[^/]+$') AS file, mtime AS changed, last AS last_event, round(epoch(mtime - last) / 3600, 2) AS hours_after,
    CASE WHEN last > loaded_at + INTERVAL 1 HOUR THEN 'events from after it was loaded' WHEN mtime < last THEN 'changed last before its last event' ELSE 'changed after its last event' END AS what,
    abs(epoch(mtime - last) / 3600 - round(epoch(mtime - last) / 3600)) < 0.02 AND abs(epoch(mtime - last)) BETWEEN 3000 AND 54000 AS whole_hours,
    count(*) OVER (PARTITION BY date_trunc('minute', mtime)) AS files_of_that_minute, first AS first_event, loaded_at, source, path
FROM source
WHERE error IS NULL AND last IS NOT NULL AND mtime IS NOT NULL
    AND (abs(epoch(mtime - last)) >= 3600 * getvariable('min_hours') OR last > loaded_at + INTERVAL 1 HOUR)
-- Files that were all dated within one minute were copied or unpacked together.
ORDER BY mtime < last DESC, files_of_that_minute, abs(epoch(mtime - last)) DESC, source;
