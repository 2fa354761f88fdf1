CREATE TABLE `former_uids` (
	`tenant_id` text NOT NULL,
	`uid` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `uid`)
) WITHOUT ROWID;
