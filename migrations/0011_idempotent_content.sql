ALTER TABLE `idempotency_keys` ADD `content_of` text;--> statement-breakpoint
CREATE INDEX `idempotency_keys_with_content` ON `idempotency_keys` (`content_of`) WHERE content_of IS NOT NULL;