CREATE TABLE `catalogue` (
	`id` integer PRIMARY KEY NOT NULL,
	`revision` integer NOT NULL,
	`writer` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `event_types` (
	`name` text PRIMARY KEY NOT NULL,
	`definition` text NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `webhooks` ADD `pins` text DEFAULT '[]' NOT NULL;