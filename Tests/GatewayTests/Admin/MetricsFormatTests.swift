import Testing

@testable import Gateway

@Suite struct MetricsFormatTests {
  @Test(arguments: [
    [], [""], ["*/*"], ["text/plain"], ["text/plain;version=0.0.4"], ["application/openmetrics-text;q=0"],
    ["application/openmetrics-text;q=x"], ["application/openmetrics-text;q=0.3, text/plain;q=0.5"],
    ["application/openmetrics"], ["application/json, */*;q=0.1"],
  ])
  func plainTextIsForWhoeverDoesNotPreferAnything(_ fields: [String]) {
    #expect(MetricsFormat(acceptedBy: fields) == .text)
  }

  @Test(arguments: [
    ["application/openmetrics-text"], ["Application/OpenMetrics-Text; Version=1.0.0"],
    ["text/plain;q=0.5", "application/openmetrics-text;version=1.0.0;q=0.5"],
    [
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;"
        + "version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
    ],
    ["text/html, application/openmetrics-text ; q = 0.1"],
  ])
  func openMetricsIsForWhoeverNamesIt(_ fields: [String]) {
    #expect(MetricsFormat(acceptedBy: fields) == .openMetrics)
  }
}
