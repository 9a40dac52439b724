using System.Text;
using System.Text.Json;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;
using MailOperator.Passwords;
using MailOperator.UnitTests.MailDevices;
using Microsoft.Extensions.Logging;

namespace MailOperator.UnitTests.Passwords;

/// <summary>Printing, logging or serializing never shows a password.</summary>
public sealed class AppPasswordTests
{
    private const string Selector = "k7f3q2";
    private const string Hidden = "HiddenHiddenHidden";

    [Fact]
    public void Print_InAnyWay_ShowsNoPassword()
    {
        using AppPassword password = Make();
        string[] printed =
        [
            password.ToString(),
            $"{password}",
            $"{password,30}",
            string.Concat("a", password),
            new StringBuilder().Append(password).ToString(),
            string.Format(null, "{0}", password),
            $"{(password, 1)}",
            $"{new Holder(password)}",
            $"{new { password }}",
            new InvalidOperationException($"{password}").ToString(),
        ];

        Assert.All(printed, text => Assert.DoesNotContain("Hidden", text, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("***", printed[7]);
    }

    [Fact]
    public void Log_RecordWithAPassword_ShowsNoPassword()
    {
        using AppPassword password = Make();
        var log = new Lines();
        var holder = new Holder(password);
#pragma warning disable CA1848, CA1873 // tests the plain ways of logging
        log.LogWarning("{Password} {@Password} {Holder}", password, password, holder);
        log.LogError(new InvalidOperationException($"{holder}"), "{Holder}", holder);
#pragma warning restore CA1848, CA1873

        Assert.Equal(2, log.Written.Count);
        Assert.All(log.Written, line => Assert.DoesNotContain("Hidden", line, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Serialize_AsJson_WritesNoPassword()
    {
        using AppPassword password = Make();

        // A ReadOnlySpan cannot be serialized: it throws and leaks nothing.
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Serialize(password));
        Assert.ThrowsAny<Exception>(() => ApiJson.Serialize(new Holder(password)));
    }

    [Fact]
    public void Records_OfTheOperator_HaveNoPassword()
    {
        // A record prints its members, so a password in it could end up in a log.
        Type[] records =
            [.. typeof(AppPassword).Assembly.GetTypes().Where(type => type.GetMethod("<Clone>$") is not null)];
        Assert.Contains(typeof(CredentialRecord), records);

        Assert.DoesNotContain(records.SelectMany(type => type.GetProperties()), property =>
            property.PropertyType == typeof(AppPassword) || property.PropertyType == typeof(byte[])
            || property.Name.Contains("Plain", StringComparison.Ordinal)
            || (property.PropertyType == typeof(string)
                && property.Name.EndsWith("Password", StringComparison.Ordinal)));
    }

    [Fact]
    public void Print_StateOfASecret_ShowsNoPassword() =>
        Assert.DoesNotContain(
            "Hidden", $"{Snapshots.InSync} {Snapshots.Secret} {Snapshots.Desired} {Snapshots.Record}",
            StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Selector_Password_IsItsFirstSixCharacters()
    {
        using AppPassword password = Make();

        Assert.Equal(Selector, password.Selector);
        Assert.Equal(Selector + Hidden, password.Reveal());
    }

    [Fact]
    public void Dispose_Password_WipesTheBytesItWasMadeFrom()
    {
        byte[] bytes = Encoding.ASCII.GetBytes(Selector + Hidden);
        var password = new AppPassword(bytes); // mutant: wipe only a copy

        password.Dispose();
        password.Dispose();

        Assert.All(bytes, one => Assert.Equal(0, one));
        Assert.DoesNotContain("Hidden", password.Reveal());
    }

    private static AppPassword Make() => new(Encoding.ASCII.GetBytes(Selector + Hidden));

    private sealed record Holder(AppPassword Password);

    private sealed class Lines : ILogger
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            string values = state is IEnumerable<KeyValuePair<string, object?>> pairs
                ? string.Join(' ', pairs.Select(pair => pair.Value))
                : "";
            Written.Add($"{formatter(state, exception)} {values} {exception}");
        }
    }
}
