// Writes migrations/ from the schema: npx drizzle-kit generate --name <what>
// Then append WITHOUT ROWID by hand to a new table whose primary key is text (see migrations/0000_initial.sql).

import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'sqlite',
  schema: ['./src/platform/d1/schema.ts', './src/platform/d1/notice-tables.ts'],
  out: './migrations',
})
