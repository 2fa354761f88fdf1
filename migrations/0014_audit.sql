CREATE TABLE `audit` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text,
	`action` text NOT NULL,
	`actor_kind` text NOT NULL,
	`actor_id` text,
	`actor_name` text,
	`actor_subject` text,
	`via` text NOT NULL,
	`surface` text,
	`target_kind` text NOT NULL,
	`target_id` text NOT NULL,
	`target_name` text,
	`changes` text NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `audit_by_tenant` ON `audit` (`tenant_id`,`id`);