/** The name of the object of a shard: the first has the tenant's id, as the only one has. */
export function shardName(tenantId: string, shard: number): string {
  return shard === 0 ? tenantId : `${tenantId}/${shard + 1}`
}
