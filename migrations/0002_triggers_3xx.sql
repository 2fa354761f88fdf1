-- In 0.1.0 no trigger named 3xx. Whoever left the triggers at their default wanted every failure; Socotra's pages know no
-- 3xx, which goes with its 4xx from now on.
UPDATE `webhooks`
SET `failure_handling` = json_set(`failure_handling`, '$.triggers', json('["3xx","4xx","5xx","timeout"]'))
WHERE json_extract(`failure_handling`, '$.triggers') = '["4xx","5xx","timeout"]';
--> statement-breakpoint
UPDATE `webhooks`
SET `failure_handling` = json_set(
	`failure_handling`,
	'$.triggers',
	json_insert(json_extract(`failure_handling`, '$.triggers'), '$[#]', '3xx')
)
WHERE `dialect` = 'socotra'
	AND EXISTS (SELECT 1 FROM json_each(`failure_handling`, '$.triggers') WHERE value = '4xx')
	AND NOT EXISTS (SELECT 1 FROM json_each(`failure_handling`, '$.triggers') WHERE value = '3xx');
