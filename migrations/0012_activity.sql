CREATE TABLE `activity` (
	`day` integer NOT NULL,
	`tenant_id` text NOT NULL,
	`source` text NOT NULL,
	`hours` text NOT NULL,
	`events` integer NOT NULL,
	`bytes` integer NOT NULL,
	`delivered` integer NOT NULL,
	`failed` integer NOT NULL,
	`diverted` integer NOT NULL,
	`microdollars` real NOT NULL,
	`latency_ms` integer NOT NULL,
	`latencies` text NOT NULL,
	PRIMARY KEY(`day`, `tenant_id`, `source`)
) WITHOUT ROWID;
