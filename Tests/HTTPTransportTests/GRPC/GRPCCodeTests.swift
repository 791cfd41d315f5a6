import HTTPTransport
import Testing

@Suite struct GRPCCodeTests {
  @Test(arguments: [
    (400, 13), (401, 16), (403, 7), (404, 12), (429, 14), (502, 14), (503, 14), (504, 14), (500, 2), (302, 2), (200, 2),
  ])
  func mapsHTTPStatus(http: Int, number: Int) {
    #expect(GRPCCode(httpStatus: http).number == number)
  }

  @Test func everyNumberHasAnHTTPStatus() {
    let statuses = (-1...17).map(GRPCCode.httpStatus(ofNumber:))
    #expect(
      statuses == [
        500, 200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401, 500,
      ])
    #expect(GRPCCode.httpStatus(ofNumber: .max) == 500)
    #expect(GRPCCode.httpStatus(ofNumber: .min) == 500)
  }
}
