import LogExport
import Options
import Testing

@testable import Gateway

@Suite struct PipelineSizingTests {
  private func configuration(
    receiver: String = "", exporter: String = "", processors: String, pipelines: String? = nil
  ) throws -> Configuration {
    try loadStandard(
      """
      receivers: {otlp: {protocols: {http: }, limits: {\(receiver)}}}
      processors: {\(processors)}
      exporters: {otlp: {endpoint: "h:1", \(exporter)}, otlp/b: {endpoint: "h:2"}}
      service:
        telemetry: {metrics: {level: none}}
        pipelines: {\(pipelines ?? "logs: {receivers: [otlp], processors: [batch, memory_limiter], exporters: [otlp]}")}
      """)
  }

  private func delivery(_ configuration: Configuration, _ id: String = "otlp") throws -> DeliveryOptions {
    let exporter = try #require(configuration.exporters.first { "\($0.id)" == id })
    return PipelineSizing(configuration).delivery(of: exporter.id, exporter.options.delivery)
  }

  private func maxInFlightBytes(_ configuration: Configuration) throws -> Int {
    let receiver = try #require(configuration.receivers.first)
    return PipelineSizing(configuration).limits(of: receiver.id, receiver.options.limits).maxInFlightBytes
  }

  private let plainLimiter = "memory_limiter: {limit_mib: 0}"

  @Test func batchSaysHowExportersBatch() throws {
    let loop = try delivery(configuration(processors: "batch: {timeout: 3s, send_batch_size: 100}, \(plainLimiter)"))
      .loop
    #expect(loop.flushTimeout == .seconds(3) && loop.minBatchRecords == 100)
    #expect(loop.minBatchBytes == loop.maxBatchBytes)
  }

  @Test func batchHasTheCollectorsDefaults() throws {
    let loop = try delivery(configuration(processors: "batch: {}, \(plainLimiter)")).loop
    #expect(loop.flushTimeout == .milliseconds(200) && loop.minBatchRecords == 8192)
  }

  @Test func aBatchSizeOfZeroWaitsForNothing() throws {
    let loop = try delivery(
      configuration(processors: "batch: {timeout: 3s, send_batch_size: 0}, \(plainLimiter)")
    ).loop
    #expect(loop.flushTimeout == .zero && loop.minBatchRecords == 1)
  }

  @Test func theExportersOwnOptionsWin() throws {
    let own = "sending_queue: {queue_size: 9MiB, batch: {min_size: 2MiB}}"
    let made = try delivery(
      configuration(exporter: own, processors: "batch: {timeout: 3s}, memory_limiter: {limit_mib: 1}"))
    #expect(made.loop.flushTimeout == ExportLoopOptions().flushTimeout)
    #expect(made.loop.minBatchBytes == 2 << 20 && made.loop.minBatchRecords == .max)
    #expect(made.queueBytes == 9 << 20)
  }

  @Test func theMemoryLimitIsSharedByRequestsAndQueues() throws {
    let limited = try configuration(processors: "batch: {}, memory_limiter: {limit_mib: 100}")
    #expect(try maxInFlightBytes(limited) == 20 << 20)
    #expect(try delivery(limited).queueBytes == 60 << 20)
    let spiked = try configuration(processors: "batch: {}, memory_limiter: {limit_mib: 100, spike_limit_mib: 60}")
    #expect(try maxInFlightBytes(spiked) == 10 << 20)
    #expect(try delivery(spiked).queueBytes == 30 << 20)
  }

  @Test func severalExportersShareTheQueuesPart() throws {
    let limited = try configuration(
      processors: "batch: {}, memory_limiter: {limit_mib: 100}",
      pipelines: """
        logs: {receivers: [otlp], processors: [memory_limiter], exporters: [otlp, otlp/b]},
        logs/b: {receivers: [otlp], processors: [batch], exporters: [otlp/b]}
        """)
    #expect(try delivery(limited).queueBytes == 30 << 20)
    #expect(try delivery(limited, "otlp/b").queueBytes == 30 << 20)
    #expect(try delivery(limited).loop.minBatchRecords == .max)
    #expect(try delivery(limited, "otlp/b").loop.minBatchRecords == 8192)
  }

  @Test func aLimitOnlyLowersWhatIsSetByDefault() throws {
    let limited = try configuration(processors: "batch: {}, memory_limiter: {limit_mib: 1000000}")
    #expect(try maxInFlightBytes(limited) == 256 << 20)
    #expect(try delivery(limited).queueBytes == 256 << 20)
    let given = try configuration(
      receiver: "max_in_flight: 77MiB", processors: "batch: {}, memory_limiter: {limit_mib: 9}")
    #expect(try maxInFlightBytes(given) == 77 << 20)
  }

  @Test func theLeastIsAMebibyte() throws {
    let limited = try configuration(processors: "batch: {}, memory_limiter: {limit_mib: 1}")
    #expect(try maxInFlightBytes(limited) == 1 << 20)
    #expect(try delivery(limited).queueBytes == 1 << 20)
  }

  @Test func aQueueOnDiskKeepsItsSize() throws {
    let limited = try configuration(
      exporter: "sending_queue: {directory: /q}", processors: "batch: {}, memory_limiter: {limit_mib: 1}")
    #expect(try delivery(limited).queueBytes == 256 << 20)
  }
}
