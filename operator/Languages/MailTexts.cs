using System.Text;
using MailOperator.Api;

namespace MailOperator.Languages;

/// <summary>The words of the mail with a link, in one language. {0}, {1} are filled in.</summary>
internal sealed class MailTexts
{
    /// <summary>{0} is the device's name.</summary>
    public required CompositeFormat Subject { get; init; }

    /// <summary>{0} is the person's name.</summary>
    public required CompositeFormat Greeting { get; init; }

    /// <summary>{0} is the mailbox, {1} the device's name.</summary>
    public required CompositeFormat Lead { get; init; }

    public required string Button { get; init; }

    /// <summary>{0} is a moment.</summary>
    public required CompositeFormat Until { get; init; }

    public required string Once { get; init; }

    /// <summary>Above the link in full.</summary>
    public required string Fallback { get; init; }

    public required string Unexpected { get; init; }

    public static MailTexts In(MailLanguage language) => language switch
    {
        MailLanguage.de => German,
        MailLanguage.fr => French,
        MailLanguage.it => Italian,
        MailLanguage.es => Spanish,
        _ => English,
    };

    private static CompositeFormat Format(string text) => CompositeFormat.Parse(text);

    private static readonly MailTexts English = new()
    {
        Subject = Format("Your password for {0}"),
        Greeting = Format("Hello {0},"),
        Lead = Format("With this link you get a password for the mailbox {0} on your device “{1}”, and the settings to go with it."),
        Button = "Get the password",
        Until = Format("The link works until {0}."),
        Once = "It can be used once, so open it when you have the device at hand.",
        Fallback = "If the button does nothing, copy this link into your browser:",
        Unexpected = "You did not expect this mail? Then do not open the link and tell your administrator.",
    };

    private static readonly MailTexts German = new()
    {
        Subject = Format("Ihr Passwort für {0}"),
        Greeting = Format("Guten Tag {0}"),
        Lead = Format("Mit diesem Link erhalten Sie ein Passwort für das Postfach {0} auf Ihrem Gerät «{1}» und die Einstellungen dazu."),
        Button = "Passwort abholen",
        Until = Format("Der Link gilt bis {0}."),
        Once = "Er lässt sich einmal verwenden: Öffnen Sie ihn, wenn Sie das Gerät zur Hand haben.",
        Fallback = "Falls der Knopf nichts tut, kopieren Sie diesen Link in Ihren Browser:",
        Unexpected = "Sie haben diese Nachricht nicht erwartet? Dann öffnen Sie den Link nicht und melden Sie sich bei Ihrer Administration.",
    };

    private static readonly MailTexts French = new()
    {
        Subject = Format("Votre mot de passe pour {0}"),
        Greeting = Format("Bonjour {0},"),
        Lead = Format("Ce lien vous donne un mot de passe pour la boîte {0} sur votre appareil « {1} », ainsi que les réglages nécessaires."),
        Button = "Obtenir le mot de passe",
        Until = Format("Le lien est valable jusqu’au {0}."),
        Once = "Il ne sert qu’une fois : ouvrez-le lorsque vous avez l’appareil sous la main.",
        Fallback = "Si le bouton ne fait rien, copiez ce lien dans votre navigateur :",
        Unexpected = "Vous n’attendiez pas ce message ? N’ouvrez pas le lien et prévenez votre administrateur.",
    };

    private static readonly MailTexts Italian = new()
    {
        Subject = Format("La sua password per {0}"),
        Greeting = Format("Buongiorno {0},"),
        Lead = Format("Con questo link riceve una password per la casella {0} sul suo dispositivo «{1}» e le impostazioni necessarie."),
        Button = "Ottenere la password",
        Until = Format("Il link è valido fino al {0}."),
        Once = "Si può usare una sola volta: lo apra quando ha il dispositivo a portata di mano.",
        Fallback = "Se il pulsante non funziona, copi questo link nel browser:",
        Unexpected = "Non si aspettava questo messaggio? Non apra il link e avvisi il suo amministratore.",
    };

    private static readonly MailTexts Spanish = new()
    {
        Subject = Format("Su contraseña para {0}"),
        Greeting = Format("Hola, {0}:"),
        Lead = Format("Con este enlace recibirá una contraseña para el buzón {0} en su dispositivo «{1}», y los ajustes que necesita."),
        Button = "Obtener la contraseña",
        Until = Format("El enlace es válido hasta el {0}."),
        Once = "Solo se puede usar una vez: ábralo cuando tenga el dispositivo a mano.",
        Fallback = "Si el botón no funciona, copie este enlace en su navegador:",
        Unexpected = "¿No esperaba este mensaje? No abra el enlace y avise a su administrador.",
    };
}
