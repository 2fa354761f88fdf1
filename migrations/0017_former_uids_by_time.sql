CREATE TABLE `__new_former_uids` (
	`tenant_id` text NOT NULL,
	`uid` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `uid`, `at`)
) WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_former_uids`("tenant_id", "uid", "at") SELECT "tenant_id", "uid", "at" FROM `former_uids`;--> statement-breakpoint
DROP TABLE `former_uids`;--> statement-breakpoint
ALTER TABLE `__new_former_uids` RENAME TO `former_uids`;