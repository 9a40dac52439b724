using MailOperator.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Hosting;

public sealed class LogSettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();
    private readonly FakeTimeProvider _clock = new();
    private readonly LogSettings _settings;
    private readonly ConfigurationManager _configuration = new();

    public LogSettingsTests()
    {
        Write("Information");
        _settings = new LogSettings(_file, _clock);
        ((IConfigurationBuilder)_configuration).Add(_settings);
    }

    [Fact]
    public void File_Changed_CountsWithinItsInterval_AndTellsOthers()
    {
        bool isTold = false;
        using IDisposable told = ((IConfiguration)_configuration).GetReloadToken()
            .RegisterChangeCallback(_ => isTold = true, null);
        Write("Debug");

        _clock.Advance(LogSettings.Interval);

        Assert.True(isTold);
        Assert.Equal("Debug", Level);
    }

    [Theory]
    [InlineData("{\"Logging\": {\"LogLevel\": {\"Default\": \"Loud\"}}}")]
    [InlineData("{\"Logging\": {\"LogLevel\": {\"Default\": \"99\"}}}")] // .NET would write nothing
    [InlineData("{\"Logging\": ")]
    [InlineData("")]
    [InlineData("{\"Workers\": 1}")]
    public void File_Broken_ChangesNothing(string text) // mutant: take it; the reload ends the process
    {
        File.WriteAllText(_file, text);

        _clock.Advance(LogSettings.Interval);

        Assert.True(Level is "Information" || text.Contains("Workers", StringComparison.Ordinal));
        Assert.Null(_configuration["Workers"]); // no setting but those of logging comes from here
    }

    [Fact]
    public void File_Gone_ChangesNothingUntilItIsBack()
    {
        File.Delete(_file);
        _clock.Advance(LogSettings.Interval);
        Assert.Equal("Information", Level);

        Write("Warning");
        _clock.Advance(LogSettings.Interval);
        Assert.Equal("Warning", Level);
    }

    [Theory]
    [InlineData("Error", true)]
    [InlineData("Debug", true)]
    public async Task Audit_AtEveryLevel_IsWritten(string level, bool isWritten)
    {
        Write(level);
        await using WebApplication app =
            RoleBuilder.Create("MAIL_OPERATOR_", [$"--Logging:File={_file}"]).Build();
        ILoggerFactory loggers = app.Services.GetRequiredService<ILoggerFactory>();

        Assert.Equal(
            isWritten,
            loggers.CreateLogger(MailOperator.Reporting.AuditTrail.Category).IsEnabled(LogLevel.Information));
        Assert.Equal(
            level == "Debug", loggers.CreateLogger("MailOperator.Kubernetes").IsEnabled(LogLevel.Information));
    }

    public void Dispose()
    {
        _settings.Dispose();
        _configuration.Dispose();
        File.Delete(_file);
    }

    private string? Level => _configuration["Logging:LogLevel:Default"];

    private void Write(string level) =>
        File.WriteAllText(_file, $$$$"""{"Logging": {"LogLevel": {"Default": "{{{{level}}}}"}}}""");
}
