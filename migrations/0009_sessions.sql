CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`key_id` text,
	`proof` text,
	`secret_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
) WITHOUT ROWID;
