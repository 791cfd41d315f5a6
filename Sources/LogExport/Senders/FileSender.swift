package import LogPipeline
import Synchronization

/// Appends bodies to a file, each whole or not at all, on a thread of its own.
///
/// A failed write is taken back and can be repeated: a full disk keeps records queued. A file that was moved or removed
/// by someone else is made anew. Nothing is buffered here: what is answered has been written. A pipe that nobody reads
/// is a failure too, after the timeout of a send.
package final class FileSender: Sender {
  private let file: Mutex<FileWriter>
  private let thread = FileThread()
  private let isClosing = Atomic(false)

  package init(_ options: FileSenderOptions, time: ExportTime = .system) throws(SenderConfigurationError) {
    guard !options.path.isEmpty else { throw SenderConfigurationError("path: a file name is needed") }
    file = Mutex(FileWriter(options, time: time))
  }

  package func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    do {
      return try await thread.run { [self] in
        let patience = WritePatience(stall: timeout) { [self] in isClosing.load(ordering: .relaxed) }
        let failure = file.withLock { file in body.withUnsafeBytes { file.append($0, patience) } }
        guard let failure else { return .answered(Answer(.local), wireBytes: body.byteCount) }
        return .failed(reason: failure.reason, retryable: true)
      }
    } catch {
      return .failed(reason: "given up, as the end came first", retryable: true)
    }
  }

  package func close() async {
    isClosing.store(true, ordering: .relaxed)
    await thread.stop { [self] in file.withLock { $0.close() } }
  }
}
