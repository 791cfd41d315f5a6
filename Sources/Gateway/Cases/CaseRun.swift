package import LogPipeline
import Logging
import NIOPosix
import OTLPReceiver

/// Runs cases through the pipelines of a configuration: assembled as the gateway does it, but that exporters keep what
/// they get and nothing listens.
package struct CaseRun: Sendable {
  private let configuration: Configuration
  /// How tenants are known where receivers ask for them, by pipeline.
  private var tenants: [String: TenantPolicy] = [:]

  /// A run of cases against a configuration.
  package init(_ configuration: Configuration) {
    var configuration = configuration
    let receivers = Set(configuration.receivers.map(\.id))
    for index in configuration.service.pipelines.indices {
      let pipeline = configuration.service.pipelines[index]
      tenants["\(pipeline.id)"] = configuration.tenants(of: pipeline)
      configuration.service.pipelines[index].receivers.removeAll { receivers.contains($0.id) }
    }
    self.configuration = configuration
  }

  /// What came of a case.
  package struct Outcome: Sendable, Equatable {
    /// What is wrong, one line for each difference; empty if the case passed.
    package var problems: [String] = []
    /// Statements and conditions that failed for records, one line for each.
    package var faults: [String] = []

    package init(problems: [String] = [], faults: [String] = []) {
      self.problems = problems
      self.faults = faults
    }
  }

  /// Runs a case. Each has processors of its own.
  package func outcome(of test: PipelineCase) async throws -> Outcome {
    var captures: [String: CaptureDialect] = [:]
    var configuration = configuration
    for index in configuration.components.exporters.indices {
      let capture = CaptureOptions()
      captures["\(configuration.exporters[index].id)"] = capture.dialect
      configuration.components.exporters[index].options = capture
    }
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let assembly = try await Assembly(configuration, group: MultiThreadedEventLoopGroup.singleton, logger: quiet)
    // Statements are those of the configuration, and count what they do in all cases.
    let statements = assembly.statementUsers.flatMap(\.statements)
    let before = statements.map(\.faults)
    let problems = problems(of: test, in: assembly, captures)
    let faults = zip(statements, before).compactMap { tally, before -> String? in
      let count = tally.faults - before
      let times = count == 1 ? "once" : "\(count) times"
      return count > 0 ? "\(tally.place) failed \(times): \(tally.lastFault ?? "")" : nil
    }
    await assembly.close()
    return Outcome(problems: problems, faults: faults)
  }

  private func problems(
    of test: PipelineCase, in assembly: Assembly, _ captures: [String: CaptureDialect]
  ) -> [String] {
    guard let pipeline = assembly.pipelines.first(where: { $0.id == test.pipeline }) else {
      let known = assembly.pipelines.map(\.id).joined(separator: ", ")
      return ["the configuration has no pipeline \(test.pipeline): there is \(known)"]
    }
    guard pipeline.signal == .logs else { return ["\(test.pipeline) is no pipeline of logs, of which cases are"] }
    let known = captures.keys.sorted().joined(separator: ", ")
    guard let exporter = test.exporter ?? pipeline.destinations.first?.id else {
      return ["the pipeline \(test.pipeline) has no exporter of its own, the case has to name one: there is \(known)"]
    }
    guard let capture = captures[exporter] else {
      return ["the configuration has no exporter \(exporter): there is \(known)"]
    }
    let tenants = tenants[test.pipeline]
    let ingest = IngestPipeline(pipelines: [pipeline], limits: DecodeLimits(), tenants: tenants.map { Tenants($0) })
    let receipt: IngestReceipt
    do {
      var context = test.context
      context.tenant = try tenants?.tenant { test.values(of: $0) }
      receipt = try ingest.ingest(
        test.input, as: .json, receivedUnixNano: test.received.map { UInt64($0) } ?? WallClock.unixNano, of: context,
        with: IngestScratch())
    } catch let refusal as IngestRefusal {
      return ["the request is refused: \(Refusal(refusal).message)"]
    } catch {
      return ["the request is refused: \(error)"]
    }
    return Self.compare(test, capture.records, receipt)
  }

  private static func compare(_ test: PipelineCase, _ found: [Constant], _ receipt: IngestReceipt) -> [String] {
    var lines: [String] = []
    if let expected = test.expected {
      lines = RecordDifference(of: found, from: expected, isExact: test.isExact).lines
    }
    let dropped = receipt.records - found.count
    if let expected = test.dropped, expected != dropped {
      lines.append("dropped: expected \(expected) records, found \(dropped)")
    }
    if let expected = test.rejected, expected != receipt.rejectedRecords {
      lines.append("rejected: expected \(expected) records, found \(receipt.rejectedRecords)")
    }
    return lines
  }
}

extension Configuration {
  /// How the first receiver of a pipeline that asks for tenants knows them, without quotas; nil if none asks.
  fileprivate func tenants(of pipeline: ServiceOptions.Pipeline) -> TenantPolicy? {
    let named = receivers.lazy.filter { receiver in pipeline.receivers.contains { $0.id == receiver.id } }
      .compactMap(\.options.tenants).first
    var policy = named.flatMap { named in extensions.first { $0.id == named.id }?.options.tenants }
    policy?.quota = TenantQuota()
    policy?.quotas = [:]
    return policy
  }
}

extension PipelineCase {
  /// What the request says that a tenant can be known by.
  fileprivate func values(of source: TenantSource) -> [String] {
    switch source {
    case .claim(let name): auth.filter { $0.0 == name }.map { $0.1 }
    case .field(let name): headers.filter { $0.0.lowercased() == name }.map { $0.1 }
    case .attribute: []
    }
  }

  /// What the request says beside its records.
  package var context: RequestContext {
    var context = RequestContext(clientAddress: clientAddress, monotonicNano: 1)
    for (name, value) in headers { context.addField(name, value) }
    for (name, value) in auth { context.addClaim(name, value) }
    return context
  }
}
