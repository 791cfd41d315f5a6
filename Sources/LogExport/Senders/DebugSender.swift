import Glibc
package import LogPipeline
import Synchronization

/// Writes bodies to standard error or standard output (`debug`), one at a time.
package final class DebugSender: Sender {
  /// The standard streams of the process, by their descriptors.
  package enum Stream: Int32, Sendable {
    case standardOutput = 1
    case standardError = 2
  }

  private let descriptor: Int32
  private let name: String
  private let thread = FileThread()
  private let isClosing = Atomic(false)
  /// True if a line was begun and not ended, because nobody read on. Only the thread uses it.
  private let isTorn = Atomic(false)

  package convenience init(_ stream: Stream = .standardError) {
    self.init(descriptor: stream.rawValue, name: stream == .standardError ? "standard error" : "standard output")
  }

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  package func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    do {
      return try await thread.run { [self] in
        guard let failure = write(body, timeout) else {
          return .answered(Answer(.local), wireBytes: body.byteCount)
        }
        return .failed(reason: "cannot write \(body.byteCount) bytes to \(name): \(failure.reason)", retryable: true)
      }
    } catch {
      return .failed(reason: "given up, as the end came first", retryable: true)
    }
  }

  private func write(_ body: ExportBody, _ timeout: Duration) -> FileFailure? {
    let patience = WritePatience(stall: timeout) { [self] in isClosing.load(ordering: .relaxed) }
    if isTorn.load(ordering: .relaxed) {
      let end = withUnsafeBytes(of: UInt8(ascii: "\n")) {
        writePatiently($0, to: descriptor, asksBefore: true, patience)
      }
      if let failure = end.failure { return failure }
    }
    let result = body.withUnsafeBytes { writePatiently($0, to: descriptor, asksBefore: true, patience) }
    isTorn.store(result.failure != nil && result.writtenBytes > 0, ordering: .relaxed)
    return result.failure
  }

  package func close() async {
    isClosing.store(true, ordering: .relaxed)
    await thread.stop {}
  }
}
