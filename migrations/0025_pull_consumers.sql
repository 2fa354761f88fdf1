CREATE TABLE `pull_consumers` (
	`tenant_id` text NOT NULL,
	`webhook_id` text NOT NULL,
	`name` text NOT NULL,
	`position` text NOT NULL,
	`committed_at` integer NOT NULL,
	PRIMARY KEY(`tenant_id`, `webhook_id`, `name`),
	FOREIGN KEY (`tenant_id`,`webhook_id`) REFERENCES `webhooks`(`tenant_id`,`id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
