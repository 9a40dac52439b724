namespace MailOperator.Languages;

internal sealed partial class Language
{
    public static readonly Language Spanish = new()
    {
        Code = "es",
        Name = "Español",
        Months =
        [
            "enero", "febrero", "marzo", "abril", "mayo", "junio",
            "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
        ],
        DateAndTime = "{0} de {1} de {2}, {3}",
        Page = new()
        {
            LanguageLabel = "Idioma",
            SkipToContent = "Ir al contenido",

            OpenTitle = "Una contraseña para su dispositivo",
            Greeting = "Hola, {0}",
            OpenLead = "Recibe una contraseña solo para este dispositivo. Más adelante se puede retirar sin tocar sus "
                + "otros dispositivos.",
            Mailbox = "Buzón",
            Device = "Dispositivo",
            ValidUntil = "Enlace válido hasta el",
            OnceBefore = "La contraseña se muestra una sola vez y después no se puede volver a mostrar. "
                + "Tenga a mano el dispositivo o su gestor de contraseñas.",
            Create = "Crear la contraseña",
            OwnSummary = "Prefiero elegir la mía",
            OwnLabel = "Su propia contraseña",
            OwnRulesLead = "Debe tener:",
            OwnRuleLength = "de 16 a 72 caracteres",
            OwnRuleCharacters = "solo letras sin acento, cifras, espacios y símbolos comunes",
            OwnRuleEdges = "ningún espacio al principio ni al final",
            OwnRuleWords = "ninguna parte de su dirección, ni el nombre del servicio",
            OwnRuleRows = "al menos 10 caracteres, si cada serie como aaaa, 1234 o abcabc cuenta como uno",
            OwnRuleCommon = "al menos 10 caracteres, si una contraseña conocida como qwerty cuenta como uno",
            OwnAdvice = "Elija una que no use en ningún otro sitio.",
            OwnButton = "Usar esta contraseña",
            OwnErrorLength = "Esta contraseña no tiene de 16 a 72 caracteres.",
            OwnErrorCharacters = "Esta contraseña tiene un carácter que no todos los programas de correo pueden "
                + "escribir: un acento, una eñe o un emoji.",
            OwnErrorEdges = "Esta contraseña empieza o termina con un espacio.",
            OwnErrorWords = "Esta contraseña contiene su dirección, una parte de ella o el nombre del servicio.",
            OwnErrorRows = "Esta contraseña consta casi solo de repeticiones, o de series como aaaa, 1234 o abcabc.",
            OwnErrorCommon = "Esta contraseña consta casi solo de contraseñas conocidas.",
            PhoneSummary = "Continuar en un teléfono",
            PhoneText = "Apunte la cámara del teléfono a este código para abrir allí el enlace. "
                + "En ese caso no cree la contraseña aquí: el enlace sirve una sola vez.",
            DidNotGoThrough = "No se ha completado. El enlace sigue sin usar: inténtelo otra vez.",

            TakenTitle = "Ya hay una contraseña",
            TakenText = "Ya ha usado este enlace en este navegador. La contraseña válida es la de entonces; "
                + "lo que acaba de enviar no se ha tenido en cuenta.",

            WaitingTitle = "Su contraseña se está preparando",
            WaitingText = "Se está avisando al servidor de correo. Tarda unos segundos.",
            WaitingAway = "El servidor de correo no responde en este momento. No se pierde nada: "
                + "todo sigue solo en cuanto vuelva.",
            WaitingRefused = "El sistema de correo aún no ha aceptado la contraseña. Avise a quien le envió el enlace; "
                + "después esta página sigue sola.",
            WaitingKeep =
                "Puede cerrar esta página y volver a abrir el enlace en un plazo de {0} días, en este mismo navegador.",
            LookAgain = "Mirar otra vez",

            ReadyTitle = "Su contraseña está lista",
            ReadyLead = "Es válida desde ahora, solo para este dispositivo.",
            Password = "Contraseña",
            Show = "Mostrar",
            Hide = "Ocultar",
            Copy = "Copiar",
            Copied = "Copiado",
            OnceAfter = "Guárdela ahora. Dentro de {0} minutos, o cuando haya terminado, desaparece de esta página y "
                + "no se puede volver a mostrar.",
            OwnKnown = "Es la contraseña que escribió en el primer envío. Solo usted la conoce, por eso no se "
                + "puede mostrar aquí.",
            Done = "La he guardado",
            DoneHint = "¿Su aplicación envía y recibe? Entonces quite la contraseña de esta página.",
            DoneTitle = "Todo listo",
            DoneText = "La contraseña ya no está en esta página. Si la pierde, pida un enlace nuevo a quien le invitó.",

            SettingsTitle = "Ajustes para su aplicación de correo",
            Incoming = "Recibir ({0})",
            Outgoing = "Enviar ({0})",
            Server = "Servidor",
            Port = "Puerto",
            Security = "Seguridad",
            SecurityNone = "ninguna",
            Username = "Nombre de usuario",
            PasswordAsAbove = "la de arriba",

            AppsTitle = "Configurar una aplicación",
            AppleTitle = "iPhone, iPad y Mac",
            AppleLead = "El perfil contiene todos los ajustes y la contraseña: borre el archivo una vez instalado.",
            AppleDownload = "Descargar el perfil",
            AppleSteps =
            [
                "Descargue el perfil en el propio dispositivo, con Safari.",
                "Abra Ajustes (en Mac: Ajustes del Sistema, General, Gestión de dispositivos) y elija el "
                + "perfil descargado.",
                "Instálelo. El buzón queda en la app Mail.",
            ],
            ThunderbirdSteps =
            [
                "Elija «Cuenta nueva», luego «Correo electrónico», y escriba su nombre y el buzón.",
                "Si pide una contraseña, pegue la de arriba.",
                "Si no encuentra los ajustes, elija «Configurar manualmente» y escriba los de la tabla.",
            ],
            OutlookSteps =
            [
                "Elija «Archivo», «Agregar cuenta» y escriba el buzón.",
                "Elija «Opciones avanzadas», «Permitirme configurar manualmente mi cuenta», y luego IMAP o POP.",
                "Escriba los ajustes de la tabla y después la contraseña.",
            ],
            OtherTitle = "Otra aplicación",
            OtherSteps =
            [
                "Añada una cuenta del tipo «Otra» o «IMAP».",
                "Escriba los ajustes de la tabla; enviar también requiere el nombre de usuario y la contraseña.",
            ],

            UnusableTitle = "Este enlace no se puede usar",
            UnusableText = "Ya se ha usado, ha caducado o no se copió entero.",
            UnusableAdvice = "Pida uno nuevo a quien se lo envió.",
            UnusableSameBrowser = "¿Acaba de crear una contraseña en este navegador?",
            OpenAgain = "Abrir el enlace otra vez",
            TooManyTitle = "Demasiadas solicitudes",
            TooManyText = "Espere un minuto y vuelva a abrir el enlace. No se ha gastado.",
            FailedTitle = "No ha funcionado",
            FailedText = "Algo ha fallado por nuestra parte. Vuelva a abrir el enlace en un momento.",
            FormTitle = "Vuelva a abrir el enlace",
            FormText = "El formulario era demasiado antiguo o su navegador no guarda cookies para esta página. "
                + "El enlace no se ha gastado.",
        },
        Mail = new()
        {
            Subject = "Su enlace a una contraseña de correo",
            Greeting = "Hola, {0}:",
            Lead = "Con este enlace recibirá una contraseña para el buzón {0} en su dispositivo «{1}», "
                + "y los ajustes que necesita.",
            Button = "Obtener la contraseña",
            Until = "El enlace es válido hasta el {0}.",
            Once = "Solo se puede usar una vez: ábralo cuando tenga el dispositivo a mano.",
            Fallback = "Si el botón no funciona, copie este enlace en su navegador:",
            Unexpected = "¿No esperaba este mensaje? No abra el enlace y avise a su administrador.",
        },
    };
}
