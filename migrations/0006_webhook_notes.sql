CREATE TABLE `idempotency_keys` (
	`key` text PRIMARY KEY NOT NULL,
	`content_hash` text NOT NULL,
	`owner` text NOT NULL,
	`sealed` text,
	`expires_at` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
ALTER TABLE `webhooks` ADD `uid` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `description` text;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `metadata` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `channels` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `webhooks_uid` ON `webhooks` (`tenant_id`,`uid`) WHERE uid IS NOT NULL;