"""All contracts, in the order in which a folder is loaded: reference files, the legal register, then the feeds by number."""

from schemas.feeds.academic import Academic
from schemas.feeds.attendance import Attendance
from schemas.feeds.boshi_hoken import BoshiHoken
from schemas.feeds.contract import Contract
from schemas.feeds.edu_support import EduSupport
from schemas.feeds.gakureibo import Gakureibo
from schemas.feeds.health_check import HealthCheck
from schemas.feeds.hoiku import Hoiku
from schemas.feeds.household import Household
from schemas.feeds.instrument import InstrumentKey, InstrumentNorm
from schemas.feeds.jido_fuyo_teate import JidoFuyoTeate
from schemas.feeds.jido_teate import JidoTeate
from schemas.feeds.legal_basis import LegalBasis
from schemas.feeds.life_answer import LifeAnswer
from schemas.feeds.life_scale import LifeScale
from schemas.feeds.oneroster_map import OnerosterMap
from schemas.feeds.physical import Physical
from schemas.feeds.resident import Resident
from schemas.feeds.seikatsu_hogo import SeikatsuHogo
from schemas.feeds.shien_sochi import ShienSochi
from schemas.feeds.shugaku_enjo import ShugakuEnjo
from schemas.feeds.soudan import Soudan
from schemas.feeds.survey_max import SurveyMax
from schemas.feeds.tax_class import TaxClass

_ROWS = (
    *(InstrumentKey, InstrumentNorm, SurveyMax, LegalBasis),
    *(Resident, Household, ShienSochi, Gakureibo, OnerosterMap, Academic, LifeAnswer, LifeScale, Physical, Attendance),
    *(
        HealthCheck,
        ShugakuEnjo,
        SeikatsuHogo,
        JidoFuyoTeate,
        JidoTeate,
        TaxClass,
        BoshiHoken,
        Hoiku,
        Soudan,
        EduSupport,
    ),
)
FEEDS: dict[str, Contract] = {row.FEED.name: Contract(row) for row in _ROWS}
