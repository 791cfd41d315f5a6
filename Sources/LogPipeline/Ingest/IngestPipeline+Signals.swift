/// The path of requests of other signals than logs.
extension IngestPipeline {
  /// Takes a request that has been checked.
  func pass(_ request: RequestContext, with scratch: IngestScratch) throws(IngestRefusal) -> IngestReceipt {
    let passing = scratch.passing
    let receipt = IngestReceipt(records: passing.items, oddities: passing.oddities)
    let countsUsage = usage?.isOn ?? false
    if countsUsage { scratch.uses.note(passing, bytes: scratch.bodyBytes) }
    defer { if countsUsage { countUsage(of: scratch, in: scratch.passing) } }
    let taken = try take(receipt, of: request, with: scratch) { (request) throws(IngestRefusal) in
      var passing = passing
      passing.tenant = request.tenant?.name ?? []
      defer { if countsUsage { scratch.passing.tenant = passing.tenant } }
      if let tenants { try assign(tenants, to: &passing, of: request, with: scratch) }
      for pipeline in pipelines { try pipeline.pass(passing, of: &request, with: scratch) }
    }
    scratch.uses.isAccepted = true
    return taken
  }

  /// Says whose a request is by its head alone, and takes it off what that tenant may have.
  private func assign(
    _ tenants: Tenants, to passing: inout SignalRequest, of request: RequestContext, with scratch: IngestScratch
  ) throws(IngestRefusal) {
    do throws(TenantRefusal) {
      passing.tenant = try tenants.policy.tenant(ofWhole: request.tenant)
      let demand = TenantDemands.Demand(name: passing.tenant, records: passing.items, bytes: scratch.bodyBytes)
      scratch.tenants = try tenants.take(TenantDemands([demand]), of: request)
    } catch {
      throw .tenant(error)
    }
  }
}

extension Pipeline {
  /// Processes a request and encodes it for every destination, each with the scratch's next writer.
  fileprivate func pass(
    _ request: SignalRequest, of context: inout RequestContext, with scratch: IngestScratch
  ) throws(IngestRefusal) {
    var passing = request
    for step in steps { try step.pass(&passing, of: &context) }
    for destination in destinations {
      try scratch.writers[scratch.nextWriter].keepApart(context, for: destination)
      do {
        try scratch.writers[scratch.nextWriter].encode(passing, received: request.items, for: destination)
      } catch {
        throw .unencodable(error)
      }
      scratch.nextWriter &+= 1
    }
  }
}

extension PipelineStep {
  /// Has the processor edit a request, and counts what became of its items.
  fileprivate func pass(_ passing: inout SignalRequest, of context: inout RequestContext) throws(IngestRefusal) {
    let before = passing.items
    incoming.add(before)
    if !edits { return }
    do {
      try processor.process(&passing, of: &context)
    } catch {
      refused.add(before)
      throw .processor(error)
    }
    filtered.add(before &- passing.items)
  }
}
