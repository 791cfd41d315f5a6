import Testing

@testable import LogPipeline

@Suite struct MatchFinderTagTests {
  @Test(arguments: [
    ##"<password value="‹hunter2 x›"/>"##,
    ##"<add key="password" value="‹a1›"/>"##,
    ##"<add value="‹hunter2›" key="password"/>"##,
    "<add value='‹a›' name='password' lock='x'>",
    ##"<add key="password" lockItem="true" value="‹hunter2›"/>"##,
    ##"<property name="password">‹hunter2›</property>"##,
    ##"<property name="password" type="string">‹hunter2›</property>"##,
    "<Parameter name='db.password'⏎  override='false'⏎  value='‹a>b›'/>",
    ##"<password encrypted="false" value="‹hunter2›"></password>"##,
    ##"<ns:property id="7" name="apiKey" value="‹hunter2›"/>"##,
    "<secret password='‹a b›'>‹x12›</secret>", "<wsse:Password token='‹ab›' Type='x'>‹abc›</wsse:Password>",
    "<dt>Password</dt><dd>‹abc›</dd>",
    ##"<input type="password" value="‹hunter2›">"##,
    ##"<INPUT id="x" value='‹a b›' TYPE='password' />"##,
    ##"<input name="db_password" type="text" value="‹hunter2›">"##,
  ])
  func valuesOfNamedTagsAreMasked(_ text: String) { MarkedText(text).check() }

  @Test(arguments: [
    ##"<add key="Timeout" value="30"/>"##,
    ##"<label for="password">Password</label>"##,
    ##"<option value="password">Password</option>"##,
    ##"<button type="password" value="Log in"/>"##,
    ##"<input type="password" name="x"> Forgot it? <b>"##,
    ##"<input type="password" value="">"##,
    ##"<password required="true"/>"##,
    ##"<add key="tokenizer" value="fast"/>"##,
    ##"<add key="password" value=""/>"##,
    "<password value='****'/>",
  ])
  func otherTagsStay(_ text: String) { #expect(Redacting(pack: "default")(text) == text) }
}
