package import LogPipeline
import NIOPosix

/// Writes bodies to standard error or standard output (`debug`), one at a time.
package final class DebugSender: Sender {
  /// The standard streams of the process, by their descriptors.
  package enum Stream: Int32, Sendable {
    case standardOutput = 1
    case standardError = 2
  }

  private let descriptor: Int32
  private let name: String
  private let thread = NIOThreadPool(numberOfThreads: 1)

  package convenience init(_ stream: Stream = .standardError) {
    self.init(descriptor: stream.rawValue, name: stream == .standardError ? "standard error" : "standard output")
  }

  init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
    thread.start()
  }

  package func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    do {
      return try await thread.runIfActive { [descriptor, name] in
        guard let failure = body.withUnsafeBytes({ FileWriter.write($0, to: descriptor) }) else {
          return .answered(Answer(status: 200), wireBytes: body.byteCount)
        }
        return .failed(reason: "cannot write \(body.byteCount) bytes to \(name): \(failure.reason)", retryable: true)
      }
    } catch {
      return .failed(reason: "closed", retryable: true)
    }
  }

  package func close() async {
    try? await thread.shutdownGracefully()
  }
}
