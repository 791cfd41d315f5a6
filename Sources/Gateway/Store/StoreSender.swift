import LogExport
import LogPipeline
import LogStore

/// Writes bodies to a store on a thread of its own: what is answered is in the store, and on its disk if it syncs.
///
/// A write that fails is taken back and can be repeated: a full disk keeps records queued.
final class StoreSender: Sender {
  private let stores: OpenStores
  private let directory: String
  private let store: LogStore
  private let thread = FileThread()

  /// Opens the store.
  init(_ settings: StoreSettings, for exporter: String, in stores: OpenStores) throws(StoreError) {
    store = try stores.open(settings, for: exporter)
    directory = settings.storage.directory
    self.stores = stores
  }

  func send(_ body: ExportBody, along route: DialectRoute, timeout: Duration) async -> SendResult {
    do {
      let failure = try await thread.run { [store] in
        body.withUnsafeBytes { bytes -> StoreError? in
          do throws(StoreError) {
            try store.append(bytes, receivedUnixNano: WallClock.unixNano)
            return nil
          } catch {
            return error
          }
        }
      }
      switch failure {
      case nil: return .answered(Answer(.local), wireBytes: body.byteCount)
      case .recordTooLarge, .malformed:
        return .answered(Answer(StoreDialect.refused, message: "\(failure.reason)"), wireBytes: body.byteCount)
      case .file, .locked, .newer, .closed: return .failed(reason: failure.reason, retryable: true)
      }
    } catch {
      return .failed(reason: "given up, as the end came first", retryable: true)
    }
  }

  func close() async { await thread.stop { [self] in stores.close(directory) } }
}

extension StoreError? {
  fileprivate var reason: String { map { "\($0)" } ?? "" }
}
