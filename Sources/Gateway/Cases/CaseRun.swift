package import LogPipeline
import Logging
import NIOPosix

/// Runs cases through the pipelines of a configuration: assembled as the gateway does it, but that exporters keep what
/// they get and nothing listens.
package struct CaseRun: Sendable {
  private let configuration: Configuration

  /// A run of cases against a configuration.
  package init(_ configuration: Configuration) {
    var configuration = configuration
    let receivers = Set(configuration.receivers.map(\.id))
    for index in configuration.service.pipelines.indices {
      configuration.service.pipelines[index].receivers.removeAll { receivers.contains($0.id) }
    }
    self.configuration = configuration
  }

  /// What is wrong about a case, one line for each difference; empty if it passed. Each case has processors of its own.
  package func problems(of test: PipelineCase) async throws -> [String] {
    var captures: [String: CaptureDialect] = [:]
    var configuration = configuration
    for index in configuration.components.exporters.indices {
      let capture = CaptureOptions()
      captures["\(configuration.exporters[index].id)"] = capture.dialect
      configuration.components.exporters[index].options = capture
    }
    let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let assembly = try await Assembly(configuration, group: MultiThreadedEventLoopGroup.singleton, logger: quiet)
    let problems = Self.problems(of: test, in: assembly, captures)
    await assembly.close()
    return problems
  }

  private static func problems(
    of test: PipelineCase, in assembly: Assembly, _ captures: [String: CaptureDialect]
  ) -> [String] {
    guard let pipeline = assembly.pipelines.first(where: { $0.id == test.pipeline }) else {
      let known = assembly.pipelines.map(\.id).joined(separator: ", ")
      return ["the configuration has no pipeline \(test.pipeline): there is \(known)"]
    }
    let known = captures.keys.sorted().joined(separator: ", ")
    guard let exporter = test.exporter ?? pipeline.destinations.first?.id else {
      return ["the pipeline \(test.pipeline) has no exporter of its own, the case has to name one: there is \(known)"]
    }
    guard let capture = captures[exporter] else {
      return ["the configuration has no exporter \(exporter): there is \(known)"]
    }
    let ingest = IngestPipeline(pipelines: [pipeline], limits: DecodeLimits())
    let receipt: IngestReceipt
    do {
      receipt = try ingest.ingest(
        test.input, as: .json, receivedUnixNano: 1, of: test.context, with: IngestScratch())
    } catch {
      return ["the request is refused: \(error)"]
    }
    return compare(test, capture.records, receipt)
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

extension PipelineCase {
  /// What the request says beside its records.
  package var context: RequestContext {
    var context = RequestContext(clientAddress: clientAddress, monotonicNano: 1)
    for (name, value) in headers { context.addField(name, value) }
    for (name, value) in auth { context.addClaim(name, value) }
    return context
  }
}
