import Synchronization

/// Who sends how much: what is counted by tenant and by service, of the names with the most bytes.
///
/// A request counts in one of several tallies, so that threads that work on requests do not wait for each other. A
/// tally is handed over when it has many names, and when somebody reads.
package final class UsageTables: Sendable {
  /// How many tenants and services have counts of their own; 0 if none is counted.
  package struct Sizes: Sendable, Equatable {
    package var tenants: Int
    package var services: Int

    package init(tenants: Int, services: Int) {
      self.tenants = tenants
      self.services = services
    }
  }

  /// The most names of a kind.
  package static let maxNames = 1000
  private static let tallyCount = 16

  /// What some of the requests have counted.
  private final class Tallies: Sendable {
    struct State {
      var tenants = UsageTally()
      var services = UsageTally()
    }

    let state = Mutex(State())
  }

  private let tallies = (0..<tallyCount).map { _ in Tallies() }
  private let tenants: UsageTable
  private let services: UsageTable

  package init(_ sizes: Sizes) {
    tenants = UsageTable(names: sizes.tenants)
    services = UsageTable(names: sizes.services)
  }

  /// Whether anything is counted.
  var isOn: Bool { tenants.isOn || services.isOn }

  private func tallies(_ number: Int) -> Tallies { tallies[number & (Self.tallyCount &- 1)] }

  /// Counts what a request came to, by the tenants that its resources have now; a thread always says the same `number`.
  func count(_ uses: RequestUses, in batch: borrowing LogBatch, number: Int) {
    batch.store.span.withUnsafeBytes { store in
      count(uses, in: store, number: number) { index in
        (index < batch.resources.count ? batch.resources[index].tenant : .empty).bytes(in: store)
      }
    }
  }

  /// Counts what a request of another signal came to, all of which is of one tenant.
  func count(_ uses: RequestUses, in request: SignalRequest, number: Int) {
    request.body.span.withUnsafeBytes { store in
      request.tenant.span.withUnsafeBytes { tenant in count(uses, in: store, number: number) { _ in tenant } }
    }
  }

  private func count(
    _ uses: RequestUses, in store: UnsafeRawBufferPointer, number: Int, tenant: (Int) -> UnsafeRawBufferPointer
  ) {
    let (countsTenants, countsServices) = (tenants.isOn, services.isOn)
    tallies(number).state.withLock { state in
      state.tenants.beginRequest()
      state.services.beginRequest()
      for index in uses.uses.indices {
        let use = uses.uses[index]
        let counts = UsageCounts(use, isAccepted: uses.isAccepted)
        if countsTenants { tenants.add(counts, to: tenant(index), in: &state.tenants) }
        if countsServices { services.add(counts, to: use.service.bytes(in: store), in: &state.services) }
      }
    }
  }

  /// Counts a request of a tenant that was refused before its records were decoded.
  package func refused(tenant: UnsafeRawBufferPointer, records: Int = 0) {
    guard tenants.isOn, UTF8Text.firstInvalid(in: tenant) == nil else { return }
    var counts = UsageCounts()
    counts.refusedRequests = 1
    counts.refusedRecords = records
    tallies(Int(truncatingIfNeeded: NameTable.hash(tenant))).state.withLock { state in
      state.tenants.beginRequest()
      tenants.add(counts, to: tenant, in: &state.tenants)
    }
  }

  /// Goes on with other sizes; a kind that is not counted any more is forgotten.
  package func resize(to sizes: Sizes) {
    collect()
    tenants.resize(to: sizes.tenants)
    services.resize(to: sizes.services)
  }

  /// What was counted so far, by tenant and by service; nil where nothing is counted.
  package func read() -> (tenants: UsageSnapshot?, services: UsageSnapshot?) {
    collect()
    return (tenants.snapshot, services.snapshot)
  }

  /// Hands over what all tallies have.
  private func collect() {
    for tallies in tallies {
      tallies.state.withLock { state in
        tenants.take(&state.tenants)
        services.take(&state.services)
      }
    }
  }
}

extension ByteSlice {
  /// The bytes of the slice in its store.
  fileprivate func bytes(in store: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    isEmpty ? .empty : UnsafeRawBufferPointer(rebasing: store[range])
  }
}

extension UsageCounts {
  /// What a resource of an accepted or refused request came to.
  fileprivate init(_ use: RequestUses.Use, isAccepted: Bool) {
    decompressedBytes = use.bytes
    enqueuedBytes = use.enqueuedBytes
    if isAccepted {
      acceptedRecords = use.records
    } else {
      refusedRecords = use.records
      refusedRequests = 1
    }
  }
}
