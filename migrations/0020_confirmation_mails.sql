CREATE TABLE `confirmation_mails` (
	`at` integer NOT NULL,
	`id` text NOT NULL,
	`tenant_id` text,
	`address_hash` text NOT NULL,
	PRIMARY KEY(`at`, `id`)
) WITHOUT ROWID;
