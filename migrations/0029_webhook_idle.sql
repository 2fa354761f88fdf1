ALTER TABLE `webhooks` ADD `delete_after_idle_seconds` integer;--> statement-breakpoint
ALTER TABLE `webhooks` ADD `pulled_at` integer;--> statement-breakpoint
CREATE INDEX `webhooks_idle` ON `webhooks` (`tenant_id`,`id`) WHERE delete_after_idle_seconds IS NOT NULL;