package import LogPipeline

/// Throws bodies away and says that all is well (`nop`).
package struct DiscardSender: Sender {
  package init() {}

  package func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    .answered(Answer(.local), wireBytes: 0)
  }

  package func close() async {}
}
