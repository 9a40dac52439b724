using System.Globalization;

namespace MailOperator.Benchmarks.Figures;

/// <summary>What a figure has to reach: a value, or a multiple of a limit that is measured in the same run.</summary>
internal sealed record Target
{
    private readonly Kind _kind;
    private readonly double _bound;

    private Target(Kind kind, double bound)
    {
        _kind = kind;
        _bound = bound;
    }

    private enum Kind
    {
        None,
        AtMost,
        AtMostTimes,
        AtLeastTimes,
    }

    /// <summary>A figure that only shows how something behaves.</summary>
    public static Target None { get; } = new(Kind.None, 0);

    /// <summary>At most this value, in the figure's unit.</summary>
    public static Target AtMost(double value) => new(Kind.AtMost, value);

    /// <summary>At most this multiple of the limit.</summary>
    public static Target AtMostTimes(double ratio) => new(Kind.AtMostTimes, ratio);

    /// <summary>At least this multiple of the limit, for rates.</summary>
    public static Target AtLeastTimes(double ratio) => new(Kind.AtLeastTimes, ratio);

    public bool IsNone => _kind == Kind.None;

    /// <summary>The figure over its limit, or over the value that it may have; null where that says nothing.</summary>
    public double? Ratio(double? measured, double? limit) => _kind switch
    {
        Kind.AtMost => _bound > 0 ? measured / _bound : null,
        _ => limit > 0 ? measured / limit : null,
    };

    /// <summary>What was not measured, or has no limit to be compared with, is missed.</summary>
    public Verdict Judge(double? measured, double? limit) => _kind switch
    {
        Kind.None => measured is null ? Verdict.Missed : Verdict.Shown,
        Kind.AtMost => Of(measured <= _bound),
        Kind.AtMostTimes => Of(limit > 0 && measured <= _bound * limit),
        Kind.AtLeastTimes => Of(limit > 0 && measured >= _bound * limit),
        _ => throw new InvalidOperationException($"There is no rule for {_kind}."),
    };

    public string Text(string unit) => _kind switch
    {
        Kind.None => "",
        Kind.AtMost => $"≤ {Number(_bound)} {unit}".TrimEnd(),
        Kind.AtMostTimes => $"≤ {Number(_bound)} × limit",
        Kind.AtLeastTimes => $"≥ {Number(_bound)} × limit",
        _ => throw new InvalidOperationException($"There is no text for {_kind}."),
    };

    private static Verdict Of(bool isMet) => isMet ? Verdict.Met : Verdict.Missed;

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}

internal enum Verdict
{
    Met,
    Missed,

    /// <summary>It has no target.</summary>
    Shown,
}
