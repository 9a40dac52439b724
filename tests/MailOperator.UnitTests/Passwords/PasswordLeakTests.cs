using System.Reflection;
using System.Text.Json;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;
using MailOperator.Passwords;
using MailOperator.UnitTests.MailDevices.CrashPoints;
using Microsoft.Extensions.Logging;

namespace MailOperator.UnitTests.Passwords;

/// <summary>Passwords do not leak into logs, JSON or exceptions.</summary>
public sealed class PasswordLeakTests
{
    private const string Text = "k7f3q2SecretSecret";

    [Fact]
    public void Log_PasswordAsAnArgument_ShowsNothing()
    {
        using var password = new AppPassword("k7f3q2SecretSecret"u8.ToArray());
        var transcript = new Transcript();
        Action<ILogger, AppPassword, Exception?> log = LoggerMessage.Define<AppPassword>(
            LogLevel.Trace, default, "Made {Password}");

        log(transcript.Logger<PasswordLeakTests>(), password, new InvalidOperationException($"with {password}"));

        Assert.Empty(transcript.PasswordsAmong(["k7f3q2"]));
    }

    [Fact]
    public void Transcript_PasswordInIt_IsFound()
    {
        // Proves that the searches of these tests can find something.
        var plain = new Transcript();
        plain.Add($"password is {Text}");
        var encoded = new Transcript();
        encoded.Add(Convert.ToBase64String("k7f3q2SecretSecret"u8));

        Assert.Single(plain.PasswordsAmong(["k7f3q2"]));
        Assert.Single(encoded.PasswordsAmong(["k7f3q2"]));
    }

    [Fact]
    public void Json_OfAPasswordOrOfItsHolder_ShowsNothing()
    {
        using var password = new AppPassword("k7f3q2SecretSecret"u8.ToArray());

        Assert.DoesNotContain("Secret", Json(password));
        Assert.DoesNotContain("Secret", Json(new { password }));
        Assert.DoesNotContain("Secret", Json(Reading()));
    }

    [Fact]
    public void Types_ThatHoldAPassword_AreNoRecords()
    {
        // A record prints its members.
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        Type[] holders = [.. typeof(AppPassword).Assembly.GetTypes().Where(type =>
            type == typeof(AppPassword) || type.GetFields(all).Any(field => field.FieldType == typeof(AppPassword)))];

        Assert.Contains(typeof(SecretPayload.Password), holders);
        // A record struct has no <Clone>$
        Assert.All(holders, type => Assert.Null(type.GetMethod("PrintMembers", all)));
    }

    [Fact]
    public void SecretReading_Printed_ShowsNothing() => Assert.DoesNotContain("Secret1234", $"{Reading()}");

    [Fact]
    public void Exception_OfARefusedWriteOfASecret_DoesNotQuoteIt()
    {
        // The API server quotes the invalid value.
        using var answer = new HttpResponseMessage(System.Net.HttpStatusCode.UnprocessableEntity);

        ApiException refusal = ApiStatus.Refusal(
            ResourceType.Secrets, HttpMethod.Post, answer,
            $$"""{"code":422,"reason":"Invalid","message":"data: Invalid value: \"{{Text}}\""}""");

        Assert.DoesNotContain("Secret1234", refusal.ToString());
        Assert.DoesNotContain(Text, refusal.ToString());
    }

    private static DeviceSecretReading Reading() => DeviceSecretReading.Parse(
        """{"metadata":{"name":"grafana"},"data":{"password":"azdmM3EyU2VjcmV0MTIzNFNlY3JldA=="}}"""u8.ToArray());

    private static string Json(object value)
    {
        try
        {
            return JsonSerializer.Serialize(value, value.GetType());
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            return ""; // it cannot be written, which is as good
        }
    }
}
