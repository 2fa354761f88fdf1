CREATE TABLE `notice_addresses` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`address` text NOT NULL,
	`confirmed_at` integer,
	`code_hash` text,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `notices` (
	`tenant_id` text NOT NULL,
	`webhook_id` text NOT NULL,
	`kind` text NOT NULL,
	`count` integer NOT NULL,
	`first_at` integer NOT NULL,
	`at` integer NOT NULL,
	`last_id` text NOT NULL,
	`cause` text,
	`failing_since` integer,
	`suspends_at` integer,
	`tried_at` integer,
	PRIMARY KEY(`tenant_id`, `webhook_id`, `kind`),
	FOREIGN KEY (`tenant_id`) REFERENCES `tenants`(`id`) ON UPDATE no action ON DELETE cascade
) WITHOUT ROWID;
