import LogPipeline

/// What somebody wants to see of records as they pass.
struct TapQuestion: Sendable {
  let pipeline: Pipeline
  let stage: TapStage
  /// The records that are wanted; nil for all.
  let condition: RecordCondition?
  /// Records after which it ends; nil for no end.
  let limit: Int?
  /// Whether what is seen has still to be redacted.
  let isUnredacted: Bool

  /// The most records that can be asked for.
  static let maxRecords = 1_000_000

  /// Reads `pipeline`, `stage`, `where` and `limit`, and asks whether the configuration has such looks.
  init(_ arguments: SelectArguments, of pipelines: [Pipeline], _ options: TapOptions) throws(AdminRefusal) {
    pipeline = try Self.pipeline(arguments["pipeline"], of: pipelines)
    let stages = TapStages(pipeline: pipeline)
    stage = try Self.stage(arguments["stage"] ?? "\(TapStage.received)", of: stages)
    isUnredacted = stages.isBeforeRedaction(stage)
    if isUnredacted && !options.showsUnredacted {
      throw AdminRefusal(
        "stage: at \(stage) of \(pipeline.id) a redaction processor has still to see the records: "
          + "service.admin.tap.unredacted lets them be shown", status: 403)
    }
    condition = try arguments["where"].map { text throws(AdminRefusal) in
      do throws(RecordConditionProblem) { return try RecordCondition(text) } catch {
        throw AdminRefusal("where: \(error)")
      }
    }
    limit = try Self.limit(arguments)
  }

  private static func pipeline(_ id: String?, of all: [Pipeline]) throws(AdminRefusal) -> Pipeline {
    let known = all.filter { $0.signal == .logs }
    if id == nil, known.count == 1 { return known[0] }
    if let id, let pipeline = known.first(where: { $0.id == id }) { return pipeline }
    let names = known.map(\.id).joined(separator: ", ")
    throw AdminRefusal("pipeline: known are \(names) (of logs)", status: id == nil ? 400 : 404)
  }

  private static func stage(_ text: String, of stages: TapStages) throws(AdminRefusal) -> TapStage {
    if let stage = TapStage(text), stages.all.contains(stage) { return stage }
    let known = stages.all.map(\.description).joined(separator: ", ")
    throw AdminRefusal("stage: known are \(known) of \(stages.pipeline.id)", status: 404)
  }

  private static func limit(_ arguments: SelectArguments) throws(AdminRefusal) -> Int? {
    do throws(SelectRefusal) {
      guard let limit = try arguments.count("limit") else { return nil }
      if limit <= maxRecords { return limit }
      throw SelectRefusal("limit: \(limit) records are asked for: the limit is \(maxRecords)")
    } catch {
      throw AdminRefusal(error.message, status: error.status)
    }
  }
}
