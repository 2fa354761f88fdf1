// Every route, read from the app itself, so that none can be forgotten.

import { createApp } from '../../src/compose.ts'

export interface Route {
  /** As the table names it: method and pattern. */
  readonly name: string
  readonly method: string
  readonly pattern: string
}

/** What answers a method of its own; middleware and the refusals of other methods are registered for all of them. */
export function allRoutes(): readonly Route[] {
  const routes = createApp()
    .routes.filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => ({ name: `${method} ${path}`, method, pattern: path }))
  return [...new Map(routes.map((route) => [route.name, route])).values()]
}

/** The names of the parameters in a pattern. */
export function parametersOf({ pattern }: Route): readonly string[] {
  return [...pattern.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
}

/** The path with each parameter replaced. */
export function pathOf({ pattern }: Route, valueFor: (name: string) => string): string {
  return pattern.replaceAll(/:(\w+)(?:\{.*?\}+(?=\/|$))?/g, (_, name: string) => valueFor(name))
}
