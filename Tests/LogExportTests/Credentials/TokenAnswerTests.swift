import Access
import Options
import Testing

@testable import LogExport

@Suite struct TokenAnswerTests {
  private func token(_ json: String) throws -> (String, Duration?) {
    let token = try TokenAnswer.token(in: Array(json.utf8))
    return (token.value.reveal(), token.lifetime)
  }

  private func problem(_ json: String) -> String? {
    do throws(CredentialFailure) {
      _ = try TokenAnswer.token(in: Array(json.utf8))
      return nil
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    (#"{"access_token":"a.b-c","token_type":"bearer","expires_in":3600}"#, Duration.seconds(3600)),
    (#" {"expires_in" : "60" , "access_token":"a.b-c", "scope":["x",{"y":1}]} "#, .seconds(60)),
    (#"{"access_token":"a.b-c","expires_in":3599.9}"#, .seconds(3599)),
    (#"{"access_token":"a.b-c","expires_in":1e300}"#, TokenAnswer.longestLifetime),
    (#"{"access_token":"a.b-c","expires_in":99999999999999999999999}"#, TokenAnswer.longestLifetime),
  ]) func aTokenHasItsLifetime(_ json: String, lifetime: Duration) throws {
    #expect(try token(json) == ("a.b-c", lifetime))
  }

  @Test(arguments: ["", ",\"expires_in\":0", ",\"expires_in\":null", ",\"expires_in\":0.5"])
  func oneWithoutALifetimeHasAnUnknownOne(_ members: String) throws {
    #expect(try token("{\"access_token\":\"t\"\(members)}").1 == nil)
  }

  @Test(arguments: [
    ("", "the answer is no JSON object"), ("[]", "the answer is no JSON object"),
    (#"{"access_token":"t"} x"#, "the answer is no JSON object"),
    (#"{"access_token":"t""#, "the answer is no JSON object"), ("<html>login</html>", "the answer is no JSON object"),
    ("{}", "the answer has no access_token that is a text"),
    (#"{"access_token":""}"#, "the answer has no access_token that is a text"),
    (#"{"access_token":7}"#, "the answer has no access_token that is a text"),
    (#"{"access_token":"s3c ret"}"#, "the token has characters that no header field can carry"),
    (#"{"access_token":"s3c\r\nX: ret"}"#, "the token has characters that no header field can carry"),
    (#"{"access_token":"s3cret","token_type":"mac"}"#, "the token is of another type than Bearer"),
    (#"{"access_token":"s3cret","expires_in":-1}"#, "expires_in is no number of seconds"),
    (#"{"access_token":"s3cret","expires_in":"soon"}"#, "expires_in is no number of seconds"),
    (#"{"access_token":"s3cret","expires_in":{}}"#, "expires_in is no number of seconds"),
    (#"{"access_token":"s3cret","expires_in":"nan"}"#, "expires_in is no number of seconds"),
  ]) func whatIsNoTokenIsNamedWithoutQuotingIt(_ json: String, what: String) {
    #expect(problem(json) == what)
  }

  @Test func aTokenMayBeAsLongAsTheLimitAndNoLonger() throws {
    let limit = TokenAnswer.maxTokenBytes
    let longest = String(repeating: "t", count: limit)
    #expect(try token("{\"access_token\":\"\(longest)\"}").0 == longest)
    #expect(
      problem("{\"access_token\":\"\(longest)t\"}") == "the token has \(limit + 1) bytes, the limit is \(limit) bytes")
  }

  @Test(arguments: [
    (401, #"{"error":"invalid_client","error_description":"s3cret"}"#, "answers 401 (invalid_client)"),
    (400, #"{"error":"s3cret"}"#, "answers 400"), (500, "oops s3cret", "answers 500"),
    (302, "", "answers 302, redirects are not followed"),
  ]) func aRefusalIsToldByItsStatusAndAKnownCode(_ status: Int, _ body: String, what: String) {
    #expect(TokenAnswer.refusal(status, Array(body.utf8)).description == what)
  }
}
