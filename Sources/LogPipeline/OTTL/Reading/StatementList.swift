import Options

/// A group of statements as the configuration gives it, with the texts that problems of compiling are about.
struct StatementList {
  private(set) var source: OTTLGroupSource
  /// The texts of the statements that could be read, and of the conditions.
  private var statements: [ConfigText] = []
  private var conditions: [ConfigText] = []

  /// Reads texts, of which those that cannot be read are reported and left out.
  init(
    _ source: OTTLGroupSource, statements: [ConfigText], conditions: [ConfigText] = [], report: ConfigReport
  ) {
    self.source = source
    for text in statements {
      guard let tree = text.statement(reportingTo: report) else { continue }
      self.source.statements.append(tree)
      self.statements.append(text)
    }
    for text in conditions {
      guard let tree = text.condition(reportingTo: report) else { continue }
      self.source.conditions.append(tree)
      self.conditions.append(text)
    }
    let isWhole = self.statements.count == statements.count && self.conditions.count == conditions.count
    // What is missing might have named the context; every function is known to this one.
    if !isWhole && self.source.context == nil { self.source.context = .log }
  }

  /// The text that a problem is about.
  fileprivate func text(of part: OTTLSourceProblem.Part) -> ConfigText? {
    switch part {
    case .condition(let index): conditions.indices.contains(index) ? conditions[index] : nil
    case .statement(let index): statements.indices.contains(index) ? statements[index] : nil
    }
  }

  /// What comes of a compiled group's conditions and statements.
  fileprivate func tallies(_ group: OTTLProgram.Group) -> [StatementTally] {
    let isTold = group.errorMode != .silent
    return zip(conditions, group.conditions).map { StatementTally(place: $0.path, isTold: isTold, $1.tally) }
      + zip(statements, group.statements).map { StatementTally(place: $0.path, isTold: isTold, $1.tally) }
  }
}

/// A program, and what comes of its statements.
struct CompiledStatements: Sendable {
  private(set) var program: OTTLProgram
  let tallies: [StatementTally]

  /// The same within other limits.
  func within(_ limits: OTTLLimits) -> CompiledStatements {
    var limited = self
    limited.program.limits = limits
    return limited
  }
}

/// A condition that was read, and its text.
struct ReadCondition {
  let text: ConfigText
  let tree: OTTLConditionText
}

/// Conditions, any of which may hold, and what comes of them.
struct CompiledConditions: Sendable {
  private(set) var conditions: OTTLConditions
  let tallies: [StatementTally]

  /// The same within other limits.
  func within(_ limits: OTTLLimits) -> CompiledConditions {
    var limited = self
    limited.conditions.limits = limits
    return limited
  }
}

extension ConfigReader {
  /// What follows a fault.
  func errorMode(default mode: OTTLErrorMode) -> OTTLErrorMode {
    read(
      "error_mode", .choice(OTTLErrorMode.ignore, inAnyCase: true), default: mode,
      "What follows a fault: ignore goes on and tells the log, silent goes on, propagate refuses the request.")
  }

  /// The context that statements say they have.
  func ottlContext() -> OTTLContext? {
    optional(
      "context", .choice(OTTLContext.log, inAnyCase: true),
      "What paths begin at; without it they say so themselves, as in log.body.")
  }

  /// What statements and conditions may take and make.
  func ottlLimits() -> OTTLLimits {
    section("limits", "What statements and conditions may take and make; not in the Collector.") { limits in
      var read = OTTLLimits()
      read.maxGrowthBytes = limits.read(
        "max_growth", .byteSize(in: 1024...(1 << 30)), default: read.maxGrowthBytes,
        "What statements may add to a request, and what one of them may take to compute with.")
      read.maxDepth = limits.read(
        "max_depth", .int(in: 1...256), default: read.maxDepth,
        "How deep the values may nest that they parse and set; a scalar body or attribute is 1 deep.")
      read.maxSteps = limits.read(
        "max_steps", .int(in: 1000...1_000_000_000_000), default: read.maxSteps,
        "What lambdas may look at for a request: values, and bytes of texts among them.")
      return read
    }
  }

  /// Compiles groups; nil after errors, which are reported.
  func compiled(_ lists: [StatementList]) -> CompiledStatements? {
    do throws(OTTLSourceProblems) {
      let program = try OTTLProgram(lists.map(\.source))
      let tallies = zip(lists, program.groups).flatMap { $0.tallies($1) }
      return CompiledStatements(program: program, tallies: tallies)
    } catch {
      for problem in error.all { lists[problem.group].text(of: problem.part)?.say(problem.error, to: report) }
      return nil
    }
  }

  /// Compiles conditions that each have a context of their own, if none is given; nil after errors.
  func compiled(
    _ texts: [ConfigText], in context: OTTLContext?, errorMode: OTTLErrorMode
  ) -> CompiledConditions? {
    let read = texts.compactMap { text in
      text.condition(reportingTo: report).map { ReadCondition(text: text, tree: $0) }
    }
    let compiled = compiled(read, in: context, errorMode: errorMode)
    return read.count == texts.count ? compiled : nil
  }

  /// Compiles conditions that were read; nil after errors.
  func compiled(
    _ read: [ReadCondition], in context: OTTLContext?, errorMode: OTTLErrorMode
  ) -> CompiledConditions? {
    do throws(OTTLSourceProblems) {
      let conditions = try OTTLConditions(read.map(\.tree), context: context, errorMode: errorMode)
      let tallies = zip(read, conditions.all).map {
        StatementTally(place: $0.text.path, isTold: errorMode != .silent, $1.tally)
      }
      return CompiledConditions(conditions: conditions, tallies: tallies)
    } catch {
      for problem in error.all {
        if case .condition(let index) = problem.part { read[index].text.say(problem.error, to: report) }
      }
      return nil
    }
  }
}
