using System.Net;
using System.Text.RegularExpressions;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>
/// What real servers answered: kube-apiserver 1.20.2 for Secrets and the custom-resource server of 1.36 for
/// MailDevices. Each decision holds with another message too.
/// </summary>
public sealed class ApiStatusRecordedTests
{
    private const string CannotCreate =
        "unable to create new content in namespace gone because it is being terminated";

    private const string IsNoArray = """
        Invalid value: \"integer\": conditions in body must be of type array: \"integer\"
        """;

    private const string CreateSecretInTerminatingNamespace = $$"""
        {
          "kind": "Status",
          "apiVersion": "v1",
          "metadata": {},
          "status": "Failure",
          "message": "secrets \"s\" is forbidden: {{CannotCreate}}",
          "reason": "Forbidden",
          "details": {
            "name": "s",
            "kind": "secrets",
            "causes": [
              {
                "reason": "NamespaceTerminating",
                "message": "namespace gone is being terminated",
                "field": "metadata.namespace"
              }
            ]
          },
          "code": 403
        }
        """;

    private const string CreateDeviceInTerminatingNamespace = $$"""
        {
          "kind": "Status",
          "apiVersion": "v1",
          "metadata": {},
          "status": "Failure",
          "message": "maildevices.mailoperator.io \"d\" is forbidden: {{CannotCreate}}",
          "reason": "Forbidden",
          "details": {
            "name": "d",
            "group": "mailoperator.io",
            "kind": "maildevices",
            "causes": [
              {
                "reason": "NamespaceTerminating",
                "message": "namespace gone is being terminated",
                "field": "metadata.namespace"
              }
            ]
          },
          "code": 403
        }
        """;

    // The answer of both servers to a "test" that does not hold, also at /status, and to a path that is not there.
    private const string FailedPatch = """
        {
          "kind": "Status",
          "apiVersion": "v1",
          "metadata": {},
          "status": "Failure",
          "message": "the server rejected our request due to an error in our request",
          "reason": "Invalid",
          "details": {},
          "code": 422
        }
        """;

    private const string InvalidStatus = $$"""
        {
          "kind": "Status",
          "apiVersion": "v1",
          "metadata": {},
          "status": "Failure",
          "message": "MailDevice.mailoperator.io \"d\" is invalid: status.conditions: {{IsNoArray}}",
          "reason": "Invalid",
          "details": {
            "name": "d",
            "group": "mailoperator.io",
            "kind": "MailDevice",
            "causes": [
              {
                "reason": "FieldValueTypeInvalid",
                "message": "{{IsNoArray}}",
                "field": "status.conditions"
              }
            ]
          },
          "code": 422
        }
        """;

    // The answer of both servers to a list at a version of the future.
    private const string VersionTooLarge = """
        {
          "kind": "Status",
          "apiVersion": "v1",
          "metadata": {},
          "status": "Failure",
          "message": "Timeout: Too large resource version: 999999999, current: 230",
          "reason": "Timeout",
          "details": {
            "causes": [
              {
                "reason": "ResourceVersionTooLarge",
                "message": "Too large resource version"
              }
            ],
            "retryAfterSeconds": 1
          },
          "code": 504
        }
        """;

    private static readonly string[] All =
        [
            CreateSecretInTerminatingNamespace, CreateDeviceInTerminatingNamespace, FailedPatch, InvalidStatus,
            VersionTooLarge,
        ];

    [Theory]
    [InlineData(CreateSecretInTerminatingNamespace)]
    [InlineData(CreateDeviceInTerminatingNamespace)]
    public void Create_NamespaceTerminating_IsKnownByItsCause(string body) =>
        AssertOnly(static refusal => refusal.IsNamespaceTerminating, HttpStatusCode.Forbidden, body);

    [Fact]
    public void Create_ForbiddenByRbacInWordsOfATerminatingNamespace_IsNotTakenForOne() =>
        Assert.False(Refuse(
            HttpStatusCode.Forbidden,
            FakeApi.Status(403, "Forbidden", "namespace gone is being terminated")).IsNamespaceTerminating);

    [Fact]
    public void Patch_TestDoesNotHold_IsKnownByDetailsThatNameNoObject() =>
        AssertOnly(static refusal => refusal.IsFailedPatch, HttpStatusCode.UnprocessableEntity, FailedPatch);

    [Fact]
    public void Patch_ValueRefused_IsNoFailedPatch()
    {
        // Mutant: take each 422 for a "test" that does not hold; a status that the schema refuses is retried quietly
        // for ever.
        ApiException refusal = Refuse(HttpStatusCode.UnprocessableEntity, InvalidStatus);

        Assert.Equal((true, false), (refusal.IsInvalid, refusal.IsFailedPatch));
    }

    [Fact]
    public void Patch_RefusedByAWebhookWithoutDetails_IsNoFailedPatch() =>
        Assert.False(Refuse(
            HttpStatusCode.UnprocessableEntity, FakeApi.Status(422, "Invalid", "denied the request")).IsFailedPatch);

    [Fact]
    public void List_VersionOfTheFuture_IsStaleByItsCause() =>
        AssertOnly(static refusal => refusal.IsStaleVersion, HttpStatusCode.GatewayTimeout, VersionTooLarge);

    /// <summary>It is so for this body whatever its message says, and for no other kind of body.</summary>
    private static void AssertOnly(Func<ApiException, bool> isSo, HttpStatusCode code, string body)
    {
        Assert.True(isSo(Refuse(code, body)));
        Assert.True(isSo(Refuse(code, WithoutMessages(body))));
        Assert.All(All.Where(other => Cause(other) != Cause(body)), other => Assert.False(isSo(Refuse(code, other))));
    }

    private static string WithoutMessages(string body) =>
        Regex.Replace(body, "\"message\": \".*\"", "\"message\": \"because\"");

    private static string Cause(string body) =>
        Regex.Match(body, "\"causes\": \\[\\s*{\\s*\"reason\": \"(\\w+)\"").Groups[1].Value;

    private static ApiException Refuse(HttpStatusCode code, string body)
    {
        using var response = new HttpResponseMessage(code);
        return ApiStatus.Refusal(FakeApi.Things, HttpMethod.Put, response, body);
    }
}
