/// The tenants of the requests of one receiver: how they are known, and what they may have.
package final class Tenants: Sendable {
  package let policy: TenantPolicy

  package init(_ policy: TenantPolicy) { self.policy = policy }

  /// Says of each resource of a batch whose it is.
  func assign(_ batch: inout LogBatch, of request: inout RequestContext) throws(TenantRefusal) {
    var assignment = TenantAssignment(policy, request.tenant)
    try assignment.run(&batch, of: &request)
  }
}
