CREATE TABLE `freed_uids` (
	`uid` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `operator_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text,
	`permissions` text NOT NULL,
	`secret_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `tenants` ADD `uid` text;--> statement-breakpoint
ALTER TABLE `tenants` ADD `metadata` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `tenants_uid` ON `tenants` (lower(uid),`uid`) WHERE uid IS NOT NULL;