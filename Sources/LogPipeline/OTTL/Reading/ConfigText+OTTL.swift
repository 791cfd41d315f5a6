import Options

extension ConfigText {
  /// The text as a statement; nil after an error, which is reported.
  func statement(reportingTo report: ConfigReport) -> OTTLStatement? {
    do throws(OTTLLoadError) {
      var statement = try OTTLParser.statement(text)
      statement.place = path
      return statement
    } catch {
      say(error, to: report)
      return nil
    }
  }

  /// The text as a condition; nil after an error, which is reported.
  func condition(reportingTo report: ConfigReport) -> OTTLConditionText? {
    do throws(OTTLLoadError) {
      var condition = try OTTLParser.condition(text)
      condition.place = path
      return condition
    } catch {
      say(error, to: report)
      return nil
    }
  }

  /// Reports what is wrong with the text, and where in it; of text from the environment or a file only where.
  func say(_ error: OTTLLoadError, to report: ConfigReport) {
    guard let origin else { return report.error(at: place, path: path, error.described(in: text)) }
    let place = OTTLLoadError("this is not the OTTL that is wanted here", at: error.offset).described(in: text)
    report.error(at: self.place, path: path, "in what \(origin) gives, \(place)")
  }
}
