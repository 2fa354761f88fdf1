CREATE TABLE `tenant_jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL
) WITHOUT ROWID;
