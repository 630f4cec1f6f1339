-- title: Rejected lines by reason
-- question: Why could lines not be read, how many of each kind, in which sources, and where does each kind begin?
-- why: Rejected lines are evidence that no figure counts; an attacker may have written them to be overlooked.
-- innocent: A program that wrote its start-up banner into the log, a line cut by rotation, another format in between.
SELECT source, reason, count(*) AS rejected, round(100.0 * count(*) / any_value(total), 3) AS percent_of_lines,
    min(line) AS first_line, max(line) AS last_line, any_value(file) AS file
FROM (SELECT reject.source, line, regexp_replace(reason, '\d+', 'N', 'g') AS reason, regexp_extract(path, '[^/]+$') AS file, greatest(source.lines, 1) AS total
    FROM reject JOIN source USING (source))
GROUP BY source, reason
ORDER BY rejected DESC, source, reason;
