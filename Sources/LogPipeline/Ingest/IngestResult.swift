package import FrameQueues

/// How a request body is encoded.
package enum BodyEncoding: Sendable {
  case protobuf
  case json
}

/// Why a request was not accepted; nothing of it was kept.
package enum IngestRefusal: Error, Sendable, Equatable {
  /// The body is not an `ExportLogsServiceRequest`, or passes a limit.
  case undecodable(DecodeError)
  /// Its tenant is over a limit, or is not known.
  case tenant(TenantRefusal)
  /// A destination that keeps records apart by metadata cannot take the request's.
  case metadata(MetadataRefusal, destination: String)
  /// A processor refuses the request for now.
  case processor(ProcessorRefusal)
  /// The encoded request passes `max_encoded`.
  case unencodable(EncodeError)
  /// A destination's queue has no room.
  case queue(QueueRefusal, destination: String)
}

/// What became of a request that was accepted.
package struct IngestReceipt: Sendable {
  /// Records decoded.
  package var records: Int
  /// What was odd in them and mended.
  package var oddities: Oddities
  /// Records among them that processors have rejected, and why.
  package var rejectedRecords = 0
  package var rejectionReasons: [String] = []
  /// What has to be durable before the sender is told that the request was accepted.
  package var unsettled: [UnsettledAppend] = []
  /// How long the sender is to be held up, so that it does not outrun destinations that keep up.
  package var pause = Duration.zero
  /// What is to be called once that is settled, with whether the request was accepted.
  var settled: [@Sendable (_ isAccepted: Bool) -> Void] = []

  package init(records: Int = 0, oddities: Oddities = Oddities()) {
    self.records = records
    self.oddities = oddities
  }
}
