using MailOperator.Hosting;
using MailOperator.Kubernetes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Hosting;

/// <summary>docs/configuration.md agrees with the options.</summary>
public sealed class ConfigurationPageTests
{
    private static readonly OperatorOptions Defaults = new();

    [Fact]
    public void Page_Names_AreTheOptionsAndAllOfThem()
    {
        string[] options =
        [
            .. typeof(OperatorOptions).GetProperties().Where(
                property => property.PropertyType != typeof(LeaderElectionOptions)
                    && property.PropertyType != typeof(SmtpOptions)).Select(property => property.Name),
            .. typeof(SmtpOptions).GetProperties()
                .Where(static property => property.CanWrite)
                .Select(property => $"{nameof(OperatorOptions.Smtp)}:{property.Name}"),
            .. typeof(LeaderElectionOptions).GetProperties()
                .Select(property => $"{nameof(OperatorOptions.LeaderElection)}:{property.Name}"),
        ];

        Assert.Equal(
            options.Order(StringComparer.Ordinal), Rows().Select(row => row.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(PlainDefaults))]
    public void Page_Default_IsTheOptions(string name, string value) =>
        Assert.Equal(value, Rows().Single(row => row.Name == name).Default);

    public static TheoryData<string, string> PlainDefaults() => new()
    {
        { nameof(OperatorOptions.ListenUrl), Defaults.ListenUrl },
        { nameof(OperatorOptions.Workers), $"{Defaults.Workers}" },
        { nameof(OperatorOptions.ReconcileTimeout), $"{Defaults.ReconcileTimeout}" },
        { nameof(OperatorOptions.ResyncInterval), $"{Defaults.ResyncInterval}" },
        { nameof(OperatorOptions.UncommittedSlotGrace), $"{Defaults.UncommittedSlotGrace}" },
        { "Smtp:Port", $"{Defaults.Smtp.Port}" },
        { "Smtp:Security", $"{Defaults.Smtp.Security}" },
        { "LeaderElection:Enabled", "true" },
        { "LeaderElection:LeaseName", Defaults.LeaderElection.LeaseName },
        { "LeaderElection:LeaseDuration", $"{Defaults.LeaderElection.LeaseDuration}" },
        { "LeaderElection:RenewDeadline", $"{Defaults.LeaderElection.RenewDeadline}" },
        { "LeaderElection:RetryPeriod", $"{Defaults.LeaderElection.RetryPeriod}" },
    };

    [Theory]
    [InlineData("Workers", "0")]
    [InlineData("ReconcileTimeout", "00:00:01")]
    [InlineData("UncommittedSlotGrace", "00:00:00")]
    [InlineData("LeaderElection", null)]
    public void Options_OutOfRange_AreRefusedByName(string name, string? value)
    {
        var options = new OperatorOptions();
        if (value is null)
        {
            options.LeaderElection.LeaseDuration = TimeSpan.Zero;
            name = nameof(LeaderElectionOptions.LeaseDuration);
        }
        else if (name == nameof(OperatorOptions.Workers))
        {
            options.Workers = int.Parse(value);
        }
        else
        {
            typeof(OperatorOptions).GetProperty(name)!.SetValue(options, TimeSpan.Parse(value));
        }

        Assert.Contains(name, new OperatorOptionsValidator().Validate(null, options).FailureMessage);
    }

    [Fact]
    public void Options_DeadlineNotShorterThanTheLease_IsRefused()
    {
        var options = new OperatorOptions();
        options.LeaderElection.RenewDeadline = options.LeaderElection.LeaseDuration;

        Assert.Contains("RenewDeadline", new LeaderElectionValidator().Validate(null, options).FailureMessage);
        Assert.True(new LeaderElectionValidator().Validate(null, new OperatorOptions()).Succeeded);
    }

    private static IEnumerable<(string Name, string Default)> Rows() =>
        File.ReadLines(Repository.Path("docs", "configuration.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[1].Trim('`'), cells[2].Trim('`')));
}
