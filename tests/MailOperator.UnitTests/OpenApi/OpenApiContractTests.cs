using System.Text;
using MailOperator.Tests;
using MailOperator.Tests.OpenApi;

namespace MailOperator.UnitTests.OpenApi;

/// <summary>
/// The judge of the other tests: what it lets pass, nobody sees. Each case is a mutant of a server or of the operator.
/// </summary>
public sealed class OpenApiContractTests
{
    private const string Device = "/v1/instances/one/devices/d1";
    private const string Slot = """
        {"mailbox":"a@example.com","selector":"abcdef","chosen":false,
        "hash":"$2y$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","deviceName":"shop/a",
        "issuedAt":"2026-11-24T12:00:00Z","protocols":["IMAP"],"maySend":true,"allowedNetworks":[],
        "suspended":false,"retained":false}
        """;

    private static readonly OpenApiContract Contract =
        OpenApiContract.Load(Repository.Path("operator", "Backends", "Webhook", "openapi-v1.yaml"));
    private static readonly Dictionary<string, string> Tag = new() { ["etag"] = "\"1\"" };

    [Theory]
    [InlineData("""{"slots":[]}""")]
    [InlineData("""{"slots":[SLOT]}""")]
    public async Task Check_WhatTheContractSays_IsNoViolation(string body) =>
        Assert.Empty(await Contract.CheckAsync(Get(Device, 200, Body(body), Tag)));

    [Theory]
    [InlineData("{}", "slots")]
    [InlineData("""{"slots":[null]}""", "slots[0]")]
    [InlineData("[]", "Object")]
    [InlineData("{", "not JSON")]
    [InlineData("", "not JSON")]
    public async Task Check_AnotherBody_IsAViolation(string body, string says) =>
        Assert.Contains(
            await Contract.CheckAsync(Get(Device, 200, body, Tag)),
            violation => violation.Contains(says, StringComparison.Ordinal));

    [Theory]
    [InlineData("\"mailbox\":\"a@example.com\",", "", "mailbox")]
    [InlineData("\"suspended\":false", "\"suspended\":\"no\"", "suspended")]
    [InlineData("\"suspended\":false", "\"suspended\":false,\"note\":1", "note")]
    [InlineData("abcdef", "abcdefg", "selector")]
    [InlineData("$2y$", "$2b$", "hash")]
    [InlineData("IMAP", "NNTP", "protocols")]
    [InlineData("12:00:00Z", "12:00:00.5Z", "issuedAt")]
    [InlineData("\"retained\":false", "\"retained\":false,\"ended\":{\"at\":\"2026-11-24T12:00:00Z\"}", "endsSessions")]
    public async Task Check_AnotherSlot_IsAViolation(string has, string instead, string says) =>
        Assert.Contains(
            await Contract.CheckAsync(
                Get(Device, 200, Body("""{"slots":[SLOT]}""").Replace(has, instead, StringComparison.Ordinal), Tag)),
            violation => violation.Contains(says, StringComparison.Ordinal));

    [Fact]
    public async Task Check_PutOfTheOperator_IsHeldToItsSchemaToo()
    {
        HttpExchange put = Exchange(
            "PUT", Device, Part(Body("""{"slots":[SLOT]}"""), new() { ["if-match"] = "\"1\"" }), 204,
            new HttpPart(new Dictionary<string, string>(), []));

        Assert.Empty(await Contract.CheckAsync(put));
        Assert.Contains(
            "If-Match",
            Assert.Single(await Contract.CheckAsync(put with { Request = Part(Body("""{"slots":[SLOT]}"""), []) })));
        Assert.NotEmpty(await Contract.CheckAsync(put with { Request = Part("{}", new() { ["if-match"] = "\"1\"" }) }));
        Assert.Contains("media type", Assert.Single(await Contract.CheckAsync(
            put with { Request = new HttpPart(new Dictionary<string, string> { ["if-match"] = "\"1\"" }, []) })));
        Assert.Contains("body", Assert.Single(await Contract.CheckAsync(put with { Response = Part("{}", []) })));
    }

    [Theory]
    [InlineData("GET", "/v1/slots", 200, "no such operation")]
    [InlineData("POST", Device, 200, "no such operation")]
    [InlineData("GET", "/v1/instances/one/devices/d%201", 200, "deviceUid")]
    [InlineData("GET", "/v1/instances/one/devices", 200, "limit is missing")]
    public async Task Check_AnotherRequest_IsAViolation(string method, string path, int status, string says) =>
        Assert.Contains(
            await Contract.CheckAsync(Exchange(
                method, path, new HttpPart(new Dictionary<string, string>(), []), status,
                Part("""{"slots":[],"devices":[]}""", Tag))),
            violation => violation.Contains(says, StringComparison.Ordinal));

    [Theory]
    [InlineData("limit", "0", "limit")]
    [InlineData("limit", "many", "limit")]
    [InlineData("page", "1", "page is not known")]
    public async Task Check_AnotherQuery_IsAViolation(string name, string value, string says) =>
        Assert.Contains(
            await Contract.CheckAsync(Get("/v1/instances/one/devices", 200, """{"devices":[]}""", []) with
            {
                Query = [KeyValuePair.Create(name, value)],
            }),
            violation => violation.Contains(says, StringComparison.Ordinal));

    [Fact]
    public async Task Check_AnotherAnswer_IsAViolation()
    {
        HttpExchange get = Get(Device, 200, """{"slots":[]}""", Tag);
        HttpPart html = new(
            new Dictionary<string, string> { ["content-type"] = "text/html", ["etag"] = "\"1\"" }, "{}"u8.ToArray());

        Assert.Contains(
            "ETag is missing",
            Assert.Single(await Contract.CheckAsync(get with { Response = Part("""{"slots":[]}""", []) })));
        Assert.Contains("ETag", Assert.Single(await Contract.CheckAsync(
            get with { Response = Part("""{"slots":[]}""", new() { ["etag"] = "W/\"1\"" }) })));
        Assert.Contains("media type", Assert.Single(await Contract.CheckAsync(get with { Response = html })));
        Assert.NotEmpty(await Contract.CheckAsync(get with { Status = 418 })); // no problem of RFC 9457
    }

    private static string Body(string text) => text.Replace("SLOT", Slot, StringComparison.Ordinal);

    private static HttpExchange Get(string path, int status, string body, Dictionary<string, string> headers) =>
        Exchange("GET", path, new HttpPart(new Dictionary<string, string>(), []), status, Part(body, headers));

    private static HttpExchange Exchange(string method, string path, HttpPart request, int status, HttpPart response) =>
        new(method, path, [], request, status, response);

    private static HttpPart Part(string body, Dictionary<string, string> headers) =>
        new(
            new Dictionary<string, string>(headers) { ["content-type"] = "application/json" },
            Encoding.UTF8.GetBytes(body));
}
