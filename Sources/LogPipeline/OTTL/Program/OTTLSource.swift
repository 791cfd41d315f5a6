/// Statements and conditions that were read and are to be compiled together.
struct OTTLGroupSource: Sendable {
  /// Chosen by the paths if it is not given.
  var context: OTTLContext?
  var conditions: [OTTLConditionText] = []
  var statements: [OTTLStatement] = []
  var errorMode = OTTLErrorMode.ignore
  var sharesCache = false
}

/// What is wrong with one statement or condition.
struct OTTLSourceProblem: Error, Sendable, Equatable {
  enum Part: Sendable, Equatable {
    case condition(Int)
    case statement(Int)
  }

  /// Which group, and what of it.
  var group: Int
  var part: Part
  var error: OTTLLoadError
}

/// All that is wrong with what was to be compiled.
struct OTTLSourceProblems: Error, Sendable, Equatable {
  var all: [OTTLSourceProblem] = []
}

extension OTTLProgram {
  /// Compiles groups of statements; throws all problems at once.
  init(
    _ groups: [OTTLGroupSource], functions: OTTLFunctionTable = .all
  ) throws(OTTLSourceProblems) {
    var compiler = OTTLCompiler(functions: functions)
    var problems = OTTLSourceProblems()
    var compiled: [Group] = []
    for (index, group) in groups.enumerated() {
      do throws(OTTLSourceProblems) {
        compiled.append(try compiler.group(group, at: index))
      } catch {
        problems.all += error.all
      }
    }
    if !problems.all.isEmpty { throw problems }
    compiler.code.sharePaths()
    self.init(
      code: compiler.code, groups: compiled, requestNames: compiler.requestNames,
      needsRequest: compiler.needsRequest)
  }
}

extension OTTLCompiler {
  /// Compiles a group, all of it in one context.
  mutating func group(_ source: OTTLGroupSource, at index: Int) throws(OTTLSourceProblems) -> OTTLProgram.Group {
    var problems = OTTLSourceProblems()
    context = if let context = source.context { context } else { try chosenContext(for: source, at: index) }
    editsOuter = false
    var group = OTTLProgram.Group(
      context: context, errorMode: source.errorMode, sharesCache: source.sharesCache)
    for (place, tree) in source.conditions.enumerated() {
      do throws(OTTLLoadError) {
        let node = try condition(tree.condition)
        group.conditions.append(.init(node: node, context: context, text: tree.text, place: tree.place))
      } catch {
        problems.all.append(.init(group: index, part: .condition(place), error: error))
      }
    }
    for (place, tree) in source.statements.enumerated() {
      do throws(OTTLLoadError) {
        group.statements.append(try statement(tree))
      } catch {
        problems.all.append(.init(group: index, part: .statement(place), error: error))
      }
    }
    if !problems.all.isEmpty { throw problems }
    group.editsOuter = editsOuter
    return group
  }

  /// The context that conditions and statements have together.
  private func chosenContext(
    for source: OTTLGroupSource, at index: Int
  ) throws(OTTLSourceProblems) -> OTTLContext {
    let uses = source.conditions.map { OTTLUses(of: $0.condition) } + source.statements.map { OTTLUses(of: $0) }
    let choice = OTTLContextChoice(among: OTTLContext.allCases.map { $0.facts(functions.names) })
    switch choice.context(of: uses) {
    case .success(let name): return OTTLContext(rawValue: name) ?? .log
    case .failure(let found):
      let conditions = source.conditions.count
      throw OTTLSourceProblems(
        all: found.all.map { place, problem in
          let part: OTTLSourceProblem.Part =
            place < conditions ? .condition(place) : .statement(place - conditions)
          return OTTLSourceProblem(group: index, part: part, error: problem)
        })
    }
  }
}
